"""Counterfactual features equal those of a panel built from changed files."""

from pathlib import Path

import polars as pl
import pytest

from features.panel import build_panel
from features.snapshot.snapshot import CURRENT_SNAPSHOT, Snapshot
from features.themes.counterfactual import CHANGEABLE_MEASURES, derive_counterfactual_features
from features.vocabulary import Profile
from tests.features.snapshot.changed_snapshots import copy_snapshot, rewrite_table

# Partner, origin, year of its last value in the snapshot profile, measure, requested value, file values.
CHANGES = [
    ("EGY", 2025, 2025, "vdem_physical_integrity", 0.5, {"vdem_physical_integrity": 0.5}),
    ("SAU", 2025, 2025, "vdem_rule_of_law", 0.7, {"vdem_rule_of_law": 0.7}),
    ("KEN", 2025, 2025, "vdem_civil_liberties", 0.9, {"vdem_civil_liberties": 0.9}),
    ("UKR", 2025, 2025, "vdem_corruption", 0.1, {"vdem_corruption": 0.1}),
    ("MMR", 2025, 2024, "ucdp_government_killings", 20.0, {"ucdp_government_killings": 20.0}),
    ("TUR", 2025, 2023, "pts_mean", 2.5, {"pts_state": 3.0, "pts_amnesty": 2.0}),
    ("IND", 2010, 2008, "pts_mean", 1.0, {"pts_state": 1.0, "pts_amnesty": 1.0}),
    ("COD", 2010, 2009, "ucdp_government_killings", 0.0, {"ucdp_government_killings": 0.0}),
    ("COL", 2010, 2010, "vdem_physical_integrity", 0.9, {"vdem_physical_integrity": 0.9}),
]
TABLES = {"vdem": ("vdem", "core"), "ucdp": ("ucdp", "actor"), "pts": ("pts", "scores")}


def build_step(iso3: str, value: float, step: int = 3) -> pl.DataFrame:
    return pl.DataFrame({"iso3": [iso3], "step": [step], "value": [value]})


@pytest.fixture(scope="module")
def changed_panel(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The panel of a snapshot whose files hold the requested values."""
    raw = copy_snapshot(tmp_path_factory.mktemp("changed"))
    for iso3, _, year, measure, _, cells in CHANGES:
        here = (pl.col("iso3") == iso3) & (pl.col("year") == str(year))
        new = [pl.when(here).then(pl.lit(str(value))).otherwise(name).alias(name) for name, value in cells.items()]
        rewrite_table(raw, *TABLES[measure.split("_")[0]], lambda frame, new=new: frame.with_columns(new))
    return build_panel("snapshot", Snapshot(raw))


@pytest.mark.parametrize("change", CHANGES, ids=[f"{c[0]}-{c[1]}-{c[3]}" for c in CHANGES])
def test_changed_features_are_those_of_a_panel_rebuilt_from_changed_files_and_no_others_change(
    panel: pl.DataFrame, changed_panel: pl.DataFrame, change: tuple[str, int, int, str, float, dict[str, float]]
) -> None:
    iso3, origin, _, measure, value, _ = change
    derived = derive_counterfactual_features(
        {measure: build_step(iso3, value)}, origin, "snapshot", snapshot=CURRENT_SNAPSHOT
    )[measure]
    before, after = (frame.filter(iso3=iso3, origin=origin) for frame in (panel, changed_panel))
    features = [name for name in derived.columns if name not in ("iso3", "step")]
    assert derived["step"].to_list() == [3] and derived[measure].item() == value
    assert derived.select(features).equals(after.select(features))
    # Neighbors' averages may differ because of another partner's change; counterfactuals leave them unchanged.
    others = [name for name in panel.columns if name not in features and not name.endswith("_nb")]
    assert before.select(others).equals(after.select(others))
    assert not before.select(features).equals(after.select(features))
    assert before.select(f"^{measure}_(l[1-9]|l10|age)$").equals(derived.select(f"^{measure}_(l[1-9]|l10|age)$"))


@pytest.mark.parametrize(("profile", "origin"), [("snapshot", 2025), ("snapshot", 1998), ("calendar", 2010)])
def test_requesting_the_current_value_changes_nothing(profile: Profile, origin: int) -> None:
    now = build_panel(profile, snapshot=CURRENT_SNAPSHOT).filter(origin=origin)
    for measure in CHANGEABLE_MEASURES:
        known = now.filter(pl.col(measure).is_not_null())
        steps = known.select("iso3", step=pl.lit(0, pl.Int64), value=measure)
        derived = derive_counterfactual_features({measure: steps}, origin, profile, snapshot=CURRENT_SNAPSHOT)[
            measure
        ].drop("step")
        assert derived.height > 150
        assert derived.equals(known.select(derived.columns))


@pytest.mark.parametrize(
    ("origin", "value", "state", "amnesty"),
    [(2007, 3.0, 3, 3), (2007, 2.5, 3, 2), (2007, 2.0, 2, 2), (2007, 1.0, 1, 1), (2006, 3.0, 3, 3), (2006, 2.5, 2, 3)],
)
def test_the_worse_coding_improves_first_then_both_in_turn(
    panel: pl.DataFrame, origin: int, value: float, state: float, amnesty: float
) -> None:
    egypt = panel.filter(iso3="EGY", origin=origin).select("pts_state", "pts_amnesty")
    assert egypt.row(0) == ((4, 3) if origin == 2007 else (3, 4))
    derived = derive_counterfactual_features(
        {"pts_mean": build_step("EGY", value)}, origin, "snapshot", snapshot=CURRENT_SNAPSHOT
    )["pts_mean"]
    assert derived.select("pts_mean", "pts_state", "pts_amnesty").row(0) == (value, state, amnesty)
    assert derived["pts_gap"].item() == abs(state - amnesty)


def test_a_half_point_from_one_coder_alone_is_left_out(panel: pl.DataFrame) -> None:
    alone = pl.col("pts_gap").is_null() & (pl.col("pts_mean") >= 3) & (pl.col("pts_mean_age") == 2)
    iso3 = panel.filter(pl.col("origin") == 2025, alone)["iso3"][0]
    steps = pl.DataFrame({"iso3": [iso3] * 2, "step": [1, 2], "value": [2.5, 2.0]})
    derived = derive_counterfactual_features({"pts_mean": steps}, 2025, "snapshot", snapshot=CURRENT_SNAPSHOT)[
        "pts_mean"
    ]
    assert derived.select("step", "pts_mean").rows() == [(2, 2.0)]


def test_a_measure_without_requests_has_no_rows() -> None:
    nobody = pl.DataFrame(schema={"iso3": pl.String, "step": pl.Int64, "value": pl.Float64})
    assert all(
        derived.is_empty()
        for derived in derive_counterfactual_features(
            dict.fromkeys(CHANGEABLE_MEASURES, nobody), 2025, "snapshot", snapshot=CURRENT_SNAPSHOT
        ).values()
    )


def test_the_facts_of_a_snapshot_elsewhere_are_read_from_there(tmp_path: Path) -> None:
    raw = copy_snapshot(tmp_path)
    rewrite_table(raw, "vdem", "core", lambda frame: frame.with_columns(vdem_rule_of_law=pl.lit("0.5")))
    derived = derive_counterfactual_features(
        {"vdem_rule_of_law": build_step("EGY", 0.7)}, 2025, "snapshot", Snapshot(raw)
    )["vdem_rule_of_law"]
    assert derived["vdem_rule_of_law_d5"].item() == pytest.approx(0.2)
