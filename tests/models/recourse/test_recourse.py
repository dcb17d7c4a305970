"""Recourse on real rows: realistic, from past data only, and never for referred partners."""

from pathlib import Path

import polars as pl
import pytest

from features.labels import describe_features
from features.panel import build_panel, list_rated_columns
from features.snapshot.snapshot import CURRENT_SNAPSHOT, Snapshot
from models.inference.score import forecast_partners
from models.recourse.improvements import ACTIONABLE_MEASURES, FEWEST_IMPROVERS, SPAN_YEARS, build_spans
from models.recourse.recourse import find_recourse
from models.recourse.table import RECOURSE_SCHEMA, assign_tier
from models.training.signs import MONOTONE_SIGNS
from models.training.train import Model
from tests.features.snapshot.changed_snapshots import copy_snapshot, rewrite_table, shuffle_future

ORIGIN = 2005
STARTS = {"guarded": 0.05, "elevated": 0.15, "high": 0.40, "severe": 0.75}
CODINGS = {2.0: (2, 2), 2.5: (3, 2), 3.0: (3, 3), 3.5: (4, 3), 4.0: (4, 4), 4.5: (5, 4), 1.5: (2, 1), 1.0: (1, 1)}


@pytest.fixture(scope="module")
def scored(terror_model: Model, panel: pl.DataFrame) -> pl.DataFrame:
    now = panel.filter(origin=ORIGIN)
    return forecast_partners(terror_model, now, list_rated_columns(now, snapshot=CURRENT_SNAPSHOT))


@pytest.fixture(scope="module")
def labels() -> dict[str, str]:
    return dict(describe_features(CURRENT_SNAPSHOT).select("feature", "label").iter_rows())


@pytest.fixture(scope="module")
def found(terror_model: Model, panel: pl.DataFrame, scored: pl.DataFrame, labels: dict[str, str]) -> pl.DataFrame:
    return find_recourse(terror_model, panel, scored, STARTS, labels, "snapshot", snapshot=CURRENT_SNAPSHOT)


def alone(found: pl.DataFrame) -> pl.DataFrame:
    """Routes of one measure that reach a lower tier."""
    lower = pl.col("tier_after") != pl.col("tier_before")
    return found.filter(lower, pl.len().over("iso3", "route") == 1)


def test_every_partner_above_the_lowest_tier_has_a_row_and_no_other(found: pl.DataFrame, scored: pl.DataFrame) -> None:
    assert found.schema == RECOURSE_SCHEMA
    above = scored.filter(pl.col("probability") >= STARTS["guarded"])["iso3"].sort().to_list()
    assert 60 < len(above) < scored.height and found["iso3"].unique().sort().to_list() == above
    assert scored["probability"].null_count() > 5
    assert found.select("iso3", "route", "measure").equals(
        found.select("iso3", "route", "measure").sort("iso3", "route")
    )


def test_what_is_asked_is_better_realistic_and_goes_with_less_risk(found: pl.DataFrame) -> None:
    requested = found.filter(pl.col("measure").is_not_null())
    assert requested.height > 80 and set(requested["within_years"]) == {SPAN_YEARS}
    sign = pl.col("measure").replace_strict(MONOTONE_SIGNS, default=None)
    assert requested.select((sign * (pl.col("now") - pl.col("asked")) > 0).all()).item()
    assert requested["seen_elsewhere"].min() >= FEWEST_IMPROVERS  # type: ignore[operator]
    assert (requested["seen_elsewhere"] <= requested["started_alike"]).all() and requested["how_often"].is_between(
        0, 1
    ).all()
    assert (requested["probability_after"] < requested["probability_before"]).all()
    assert requested.select(pl.col("probability_after").is_between("low_after", "high_after").all()).item()
    fall = pl.col("probability_before") - pl.col("probability_after")
    assert requested.select((fall.is_between(pl.col("fall_low") - 0.02, pl.col("fall_high") + 0.02)).all()).item()


def test_tiers_are_those_of_the_probabilities_and_most_reach_the_one_below(found: pl.DataFrame) -> None:
    for row in found.iter_rows(named=True):
        assert row["tier_before"] == assign_tier(row["probability_before"], STARTS)
        assert row["tier_after"] == assign_tier(row["probability_after"], STARTS)
    lower = found.filter(pl.col("tier_after") != pl.col("tier_before"))
    assert lower["iso3"].n_unique() > found["iso3"].n_unique() / 3
    assert found.filter(pl.col("route") > 1).join(lower, on=["iso3", "route"], how="anti").is_empty()


def test_a_probability_after_is_that_of_a_panel_rebuilt_from_the_changed_facts(
    terror_model: Model, panel: pl.DataFrame, found: pl.DataFrame, tmp_path: Path
) -> None:
    """One single route of each measure, and a pair, are written into the files, and the partner scored again."""
    chosen = alone(found).filter(route=1).unique("measure", maintain_order=True)
    pair = found.filter(pl.len().over("iso3", "route") == 2).head(2)
    rows = pl.concat([chosen.join(pair, on="iso3", how="anti"), pair])
    raw = copy_snapshot(tmp_path)
    for row in rows.iter_rows(named=True):
        write_into(raw, row)
    anew = build_panel("snapshot", Snapshot(raw)).filter(pl.col("origin") == ORIGIN)
    before = panel.filter(origin=ORIGIN)
    around = [name for name in panel.columns if name.endswith("_nb")]
    kept = anew.drop(around).join(before.select("iso3", *around), on="iso3").select(panel.columns)
    result = dict(
        forecast_partners(terror_model, kept, list_rated_columns(kept, snapshot=CURRENT_SNAPSHOT))
        .select("iso3", "probability")
        .iter_rows()
    )
    assert rows["iso3"].n_unique() >= 4
    for row in rows.iter_rows(named=True):
        assert result[row["iso3"]] == pytest.approx(row["probability_after"], abs=1e-12)


def write_into(raw: Path, row: dict[str, object]) -> None:
    measure, value = str(row["measure"]), float(row["asked"])  # type: ignore[arg-type]
    here = (pl.col("iso3") == row["iso3"]) & (pl.col("year") == str(row["now_year"]))
    cells = {measure: value}
    source, table = ("ucdp", "actor") if measure.startswith("ucdp") else ("vdem", "core")
    if measure == "pts_mean":
        source, table = "pts", "scores"
        facts = pl.read_csv(raw / "pts" / "scores.csv").filter(iso3=row["iso3"], year=row["now_year"])
        state, amnesty = facts.select("pts_state", "pts_amnesty").row(0)
        worse, better = CODINGS[value]
        both = (worse, better) if amnesty is None or state is None or state >= amnesty else (better, worse)
        cells = {
            n: float(v) for n, v, old in zip(("pts_state", "pts_amnesty"), both, (state, amnesty), strict=True) if old
        }
    new = [pl.when(here).then(pl.lit(str(cell))).otherwise(name).alias(name) for name, cell in cells.items()]
    rewrite_table(raw, source, table, lambda frame: frame.with_columns(new))


def test_nothing_after_the_origin_is_used(
    terror_model: Model, scored: pl.DataFrame, labels: dict[str, str], found: pl.DataFrame, tmp_path: Path
) -> None:
    raw = copy_snapshot(tmp_path)
    shuffle_future(raw, ORIGIN)
    shuffled = build_panel("snapshot", Snapshot(raw))
    assert find_recourse(terror_model, shuffled, scored, STARTS, labels, "snapshot", Snapshot(raw)).equals(found)


def test_a_larger_bound_never_gives_a_worse_result(
    terror_model: Model, panel: pl.DataFrame, scored: pl.DataFrame, labels: dict[str, str], found: pl.DataFrame
) -> None:
    runs = [
        find_recourse(terror_model, panel, scored, STARTS, labels, "snapshot", percentile=q, snapshot=CURRENT_SNAPSHOT)
        for q in (0.5, 0.75)
    ]
    for narrow, wide in zip(runs, [runs[1], found], strict=True):
        best = [
            run.group_by("iso3").agg(
                lower=(pl.col("tier_after") != pl.col("tier_before")).any(), lowest=pl.col("probability_after").min()
            )
            for run in (narrow, wide)
        ]
        both = best[0].join(best[1], on="iso3", suffix="_wide")
        assert (both["lower_wide"] >= both["lower"]).all() and (both["lower_wide"] > both["lower"]).any()
        unreached = both.filter(~pl.col("lower_wide"))
        assert (unreached["lowest_wide"] <= unreached["lowest"]).all()


def test_the_same_question_has_the_same_answer_whatever_the_order_of_the_partners(
    terror_model: Model, panel: pl.DataFrame, scored: pl.DataFrame, labels: dict[str, str], found: pl.DataFrame
) -> None:
    turned = find_recourse(
        terror_model, panel.reverse(), scored.reverse(), STARTS, labels, "snapshot", snapshot=CURRENT_SNAPSHOT
    )
    assert turned.equals(found)


def test_with_nobody_above_the_lowest_tier_the_table_is_empty(
    terror_model: Model, panel: pl.DataFrame, scored: pl.DataFrame, labels: dict[str, str]
) -> None:
    calm = scored.with_columns(probability=pl.when(pl.col("probability").is_not_null()).then(0.01))
    empty = find_recourse(terror_model, panel, calm, STARTS, labels, "snapshot", snapshot=CURRENT_SNAPSHOT)
    assert empty.is_empty() and empty.schema == RECOURSE_SCHEMA


def test_spans_end_by_the_origin(panel: pl.DataFrame) -> None:
    seen = build_spans(panel, ORIGIN)
    later = panel.filter((pl.col("origin") <= ORIGIN) | (pl.col("origin") > 2015))
    again = build_spans(later, ORIGIN)
    assert len(seen.partners) == len(again.partners) == panel.filter(pl.col("origin").is_between(1990, ORIGIN)).height
    assert all(kind.measure in seen.gain for kind in ACTIONABLE_MEASURES)
