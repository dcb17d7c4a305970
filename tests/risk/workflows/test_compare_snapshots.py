"""What another snapshot would change: the two effects apart, from invented views, and against one real run."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from features.bad_input import BadInput
from features.snapshot.cards import RAW_FOLDER
from features.snapshot.own_sources import find_own_folder
from features.snapshot.snapshot import CURRENT_SNAPSHOT, Snapshot
from models.registry.store import load_model
from risk.outputs.atomic_swap import hold_run_lock
from risk.workflows import compare_snapshots as compared
from risk.workflows.compare_snapshots import (
    FACTS_EFFECT,
    MODELS_EFFECT,
    START_FEATURE,
    SnapshotChanges,
    compare_snapshots,
)
from risk.workflows.snapshot_report import build_digest, write_snapshot_report
from tests.conftest import FinishedRun
from tests.features.intake.invented_indicator import write_indicator
from tests.risk.command_line import read_contents

Row = dict[str, Any]


def view(probability: float, tier: str, parts: dict[str, tuple[float | None, float]]) -> Any:
    """An invented view of one partner: its score, and value and contribution by feature."""
    score = {"iso3": "ALD", "partner": "Aldova", "outcome": "misuse", "probability": probability, "tier": tier}
    rows = [
        {"iso3": "ALD", "outcome": "misuse", "feature": name, "value": value, "contribution": part}
        for name, (value, part) in parts.items()
    ]
    types = {"value": pl.Float64, "contribution": pl.Float64}
    return SimpleNamespace(scores=pl.DataFrame([score]), parts=pl.DataFrame(rows, schema_overrides=types))


LABELS = pl.DataFrame({"feature": ["a", "b", "c"], "label": ["Invented a", "Invented | <b>", "Invented c"]})
NOW = view(0.10, "guarded", {START_FEATURE: (None, -2.0), "a": (1.0, 0.5), "b": (2.0, 0.25)})
KEPT = view(0.20, "elevated", {START_FEATURE: (None, -2.0), "a": (3.0, 1.5), "b": (2.0, 0.25)})
THEN = view(0.15, "elevated", {START_FEATURE: (None, -2.5), "a": (3.0, 1.25), "c": (7.0, 0.001)})


def changes(**others: Any) -> SnapshotChanges:
    lines = [
        {
            "effect": FACTS_EFFECT,
            "iso3": "ALD",
            "partner": "Aldova",
            "what": "posture",
            "rule": "",
            "before": "invest",
            "after": "limit",
        }
    ]
    made = {
        "before": "a" * 64,
        "after": "b" * 64,
        "scores": compared._compare_scores(NOW, KEPT, THEN),
        "contributions": compared._compare_contributions(NOW, KEPT, THEN, LABELS),
        "decisions": pl.DataFrame(lines),
        "drift": pl.DataFrame(),
        "members": {"misuse": ("trees, ridge on ranks", "trees")},
    }
    return SnapshotChanges(**made | others)


def test_the_two_effects_add_up_to_the_whole_in_probability_and_log_odds() -> None:
    row = changes().scores.row(0, named=True)
    assert row["probability_by_facts"] == pytest.approx(0.10) and row["probability_by_models"] == pytest.approx(-0.05)
    assert row["log_odds_by_facts"] == pytest.approx(1.0) and row["log_odds_by_models"] == pytest.approx(-0.999)
    assert row["log_odds_after"] - row["log_odds_before"] == pytest.approx(1.0 - 0.999)
    assert [row[f"tier_{name}"] for name in ("before", FACTS_EFFECT, "after")] == ["guarded", "elevated", "elevated"]


def test_contributions_name_what_moved_and_a_feature_that_only_one_side_reads_counts_as_nought_on_the_other() -> None:
    found = changes().contributions.select("effect", "feature", "label", "change").rows()
    assert found == [
        (FACTS_EFFECT, "a", "Invented a", 1.0),
        (MODELS_EFFECT, START_FEATURE, compared.START_LABEL, -0.5),
        (MODELS_EFFECT, "a", "Invented a", -0.25),
        (MODELS_EFFECT, "b", "Invented | <b>", -0.25),
    ]


def test_the_digest_tells_tiers_moves_reasons_and_postures(tmp_path: Path) -> None:
    told = {section.title: section for section in build_digest(changes())}
    assert list(told)[0] == "Tier of misuse: 1 of 1 partners change"
    assert told[list(told)[0]].rows == (("Aldova", "10%", "20%", "15%", "guarded", "elevated", "elevated"),)
    why = told["Reasons for these changes"].rows
    assert why[0] == ("Aldova", "facts", "+1.00", "Invented a (1 to 3) +1.00")
    assert any("invest" in row for row in told[list(told)[4]].rows)
    assert told["Ensembles whose members change"].rows == (("misuse", "trees, ridge on ranks", "trees"),)
    text = (write_snapshot_report(changes(), tmp_path) / "summary.md").read_text(encoding="utf-8")
    assert "Invented \\| &lt;b>" in text and "<b>" not in text
    once = read_contents(tmp_path)
    write_snapshot_report(changes(), tmp_path)
    assert read_contents(tmp_path) == once and set(once) == {
        f"data_diff/{name}" for name in ("scores.csv", "contributions.csv", "decisions.csv", "summary.md")
    }


def test_a_referred_partner_is_told_as_such() -> None:
    gone = view(0.0, "referred", {START_FEATURE: (None, 0.0)})
    gone.scores = gone.scores.with_columns(probability=pl.lit(None, pl.Float64))
    rows = build_digest(changes(scores=compared._compare_scores(NOW, gone, gone)))[0].rows
    assert rows == (("Aldova", "10%", "referred", "referred", "guarded", "referred", "referred"),)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (None, "(does not name the last run's day|does not name the last run's snapshot); run `make score` first"),
        ({"snapshot": "f" * 64}, "snapshot is ffffffffffff…, data/raw is .*; run `make score` first"),
        ({}, "no models for this snapshot, code and libraries; run `make score` first"),
    ],
)
def test_outputs_of_another_snapshot_or_without_models_are_refused(
    tmp_path: Path, record: Row | None, message: str
) -> None:
    if record is not None:
        told = {"decided_as_of": "2026-01-01", "snapshot": CURRENT_SNAPSHOT.compute_checksum()} | record
        (tmp_path / "run.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(BadInput, match=message) as refused:
        compare_snapshots(RAW_FOLDER, tmp_path, snapshot=CURRENT_SNAPSHOT)
    assert "\n" not in str(refused.value)


def test_a_folder_that_is_not_there_and_a_run_in_progress_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such folder; give the folder of a whole snapshot"):
        compare_snapshots(tmp_path / "nowhere", tmp_path / "out", snapshot=CURRENT_SNAPSHOT)
    with hold_run_lock(tmp_path / "out"), pytest.raises(BadInput, match="another run is writing here"):
        compare_snapshots(RAW_FOLDER, tmp_path / "out", snapshot=CURRENT_SNAPSHOT)


def test_own_indicators_stand_beside_the_other_snapshot_too(tmp_path: Path) -> None:
    raw, other = tmp_path / "data" / "raw", tmp_path / "elsewhere"
    raw.mkdir(parents=True), other.mkdir()
    write_indicator(find_own_folder(raw) / "invented_unrest")
    with compared._attach_own_sources(other, Snapshot(raw)) as seen:
        assert (find_own_folder(seen.folder) / "invented_unrest" / "card.yaml").exists()
        assert seen.folder.resolve() == other
    with compared._attach_own_sources(tmp_path / "data" / "raw", Snapshot(raw)) as seen:
        assert seen == Snapshot(raw)


def test_facts_alone_move_a_partner_while_models_are_kept_and_the_run_stays_as_it_is(
    finished_run: FinishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invented: Egypt's last terror scores fall by a point; the models trained for it are today's own."""
    out = Path(shutil.copytree(finished_run.out, tmp_path / "out"))
    before = read_contents(out)
    calmer = pl.when((pl.col("iso3") == "EGY") & (pl.col("origin") == 2025))
    terror = ("pts_mean", "pts_state", "pts_amnesty")
    panel = finished_run.result.panel.with_columns(
        calmer.then(pl.col(name) - 1).otherwise(name).alias(name) for name in terror
    )
    monkeypatch.setattr(compared, "build_panel", lambda *_: panel)

    def todays(_: pl.DataFrame, __: Path, key: Any, *___: Any) -> Any:
        return [
            load_model(name, out / "models", key, compared._read_installed_checksum(out / "models" / f"{name}.json"))
            for name in compared.OUTCOMES
        ], []

    monkeypatch.setattr(compared, "load_or_train", todays)
    found = compare_snapshots(RAW_FOLDER, out, snapshot=CURRENT_SNAPSHOT)
    moved = found.scores.filter(pl.col("log_odds_by_facts").abs() > 1e-6)
    assert set(moved["iso3"]) == {"EGY"} and found.scores["log_odds_by_models"].abs().max() == 0  # type: ignore[operator]
    assert found.members == {}
    egypt = found.contributions.filter(iso3="EGY", outcome="state_terror", effect=FACTS_EFFECT)
    assert egypt["feature"].is_in(terror).any() and egypt.filter(feature="pts_mean")["change"].item() < 0
    assert found.scores.filter(iso3="EGY", outcome="state_terror")["probability_by_facts"].item() < 0
    assert set(found.decisions["iso3"]) <= {"EGY"} and set(found.decisions["effect"]) <= {FACTS_EFFECT}
    assert read_contents(out) == before
