"""Compares another snapshot with the last run before it is installed: effects of its facts and of retrained models."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from features.bad_input import BadInput
from features.files.untrusted import parse_json
from features.indices.index_inputs import build_index_inputs
from features.labels import describe_features
from features.panel import build_panel
from features.refresh.exchange import lock_for_reading
from features.snapshot.own_sources import find_own_folder, list_own_sources
from features.snapshot.snapshot import Snapshot
from features.vocabulary import DEFAULT_PROFILE, LATEST_ORIGIN, OUTCOMES
from models.drift import measure_input_drift
from models.inference.reasons import compute_contributions
from models.registry.fingerprint import compute_fingerprint
from models.registry.store import load_model, load_or_train
from models.training.outcomes import build_status_expression
from models.training.train import Model, list_kept_members
from risk.assessment.rule_inputs import build_rule_input_schema, load_designations_on
from risk.outputs.atomic_swap import hold_run_lock
from risk.outputs.last_run import MANIFEST_FILE, LastRun, open_last_run
from risk.rules.loading import RULEBOOK_FOLDER, validate_rulebook
from risk.rules.rulebook import Rulebook
from risk.rules.rulebook_files import read_rulebook
from risk.workflows.compare_rulebooks import RulebookOutcome, apply_rulebook, list_changed_decisions
from risk.workflows.score import score_all_outcomes

DIFF_FOLDER = "data_diff"
CONTRIBUTION_KEYS = ["iso3", "outcome", "feature"]
FACTS_EFFECT, MODELS_EFFECT = "facts", "models"
# A forecast's starting point is not a feature: the learned base rate, and the status at the origin.
START_FEATURE = "(start)"
START_LABEL = "Where the forecast starts: status at the origin, and the rate that the model learnt"
SHOWN_CHANGES, LEAST_CHANGE = 5, 0.005


@dataclass(frozen=True)
class SnapshotChanges:
    """Two snapshots by checksum, and the tables that compare them.

    scores: iso3, partner, outcome, probability and tier before, with the new facts (today's models kept) and after
    (retrained models), and both effects in probability and log-odds. contributions: iso3, outcome, effect, feature,
    label, value and contribution before and after, change; the largest of each. decisions: effect, iso3, partner,
    what, rule, before, after. drift: inputs of the new snapshot against its models' training data. members: by
    outcome, the selected ensemble members before and after, where these differ.
    """

    before: str
    after: str
    scores: pl.DataFrame
    contributions: pl.DataFrame
    decisions: pl.DataFrame
    drift: pl.DataFrame
    members: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class SnapshotOutcome:
    """One snapshot scored by one set of models: scores, every contribution, and the rules' decisions."""

    scores: pl.DataFrame
    parts: pl.DataFrame
    rulebook_outcome: RulebookOutcome


def compare_snapshots(
    folder: Path, out: Path, rulebook: Path = RULEBOOK_FOLDER, *, snapshot: Snapshot
) -> SnapshotChanges:
    """Compare the snapshot in use with the one in `folder`, on the last run in `out` and as of its day.

    Only models trained for the comparison are written, to out/data_diff. Raises BadInput where a snapshot cannot be
    used, or `out` is not of the one in use.
    """
    with (
        hold_run_lock(out),
        open_last_run(out) as last_run,
        lock_for_reading(snapshot.folder),
        _attach_own_sources(folder, snapshot) as other,
    ):
        day, today = last_run.day, _load_todays_models(last_run, snapshot)
        other.verify()
        panel, panel_then = last_run.read_table("panel"), build_panel(DEFAULT_PROFILE, other)
        files = read_rulebook(rulebook)
        listed = load_designations_on(files, day)
        book = validate_rulebook(
            files, build_rule_input_schema(panel, listed, build_index_inputs(DEFAULT_PROFILE, snapshot))
        )
        key = compute_fingerprint(other.compute_checksum(), DEFAULT_PROFILE)
        retrained, _ = load_or_train(
            panel_then, out / DIFF_FOLDER / "models", key, DEFAULT_PROFILE, LATEST_ORIGIN, other
        )
        now = _score_snapshot(today, panel, book, listed, day, snapshot)
        kept = _score_snapshot(today, panel_then, book, listed, day, other)
        then = _score_snapshot(retrained, panel_then, book, listed, day, other)
        contributions = _compare_contributions(now, kept, then, describe_features(other))
        drift = measure_input_drift(panel_then, retrained[0], _convert_to_reasons(then.parts, describe_features(other)))
        decisions, members = _compare_snapshot_decisions(now, kept, then), _compare_members(today, retrained)
        scores = _compare_scores(now, kept, then)
        return SnapshotChanges(
            snapshot.compute_checksum(), other.compute_checksum(), scores, contributions, decisions, drift, members
        )


def _compare_members(today: list[Model], retrained: list[Model]) -> dict[str, tuple[str, str]]:
    """Compare ensemble members; each training selects all of them or all but one, and small changes can decide."""
    pairs = {
        old.outcome: (", ".join(list_kept_members(old)), ", ".join(list_kept_members(new)))
        for old, new in zip(today, retrained, strict=True)
    }
    return {outcome: (before, after) for outcome, (before, after) in pairs.items() if before != after}


@contextmanager
def _attach_own_sources(folder: Path, snapshot: Snapshot) -> Iterator[Snapshot]:
    """The other snapshot with the same own indicators beside it: only what publishers gave is to differ."""
    if not folder.is_dir():
        raise BadInput(f"{folder}: no such folder; give the folder of a whole snapshot, laid out as data/raw is")
    if find_own_folder(folder).resolve() == find_own_folder(snapshot.folder).resolve() or not (
        list_own_sources(snapshot.folder) or list_own_sources(folder)
    ):
        yield Snapshot(folder)
        return
    with TemporaryDirectory() as aside:
        (Path(aside) / "raw").symlink_to(folder.resolve())
        (Path(aside) / "own").symlink_to(find_own_folder(snapshot.folder).resolve())
        yield Snapshot(Path(aside) / "raw")


def _load_todays_models(last_run: LastRun, snapshot: Snapshot) -> list[Model]:
    """The models of the last run, whatever their recipe, if they and the run are of the snapshot in use."""
    path, checksum = last_run.out / MANIFEST_FILE, snapshot.compute_checksum()
    ran_on = last_run.manifest.get("snapshot")
    if ran_on is None:
        raise BadInput(f"{path}: does not name the last run's snapshot; run `make score` first")
    if ran_on != checksum:
        raise BadInput(f"{path}: snapshot is {ran_on[:12]}…, data/raw is {checksum[:12]}…; run `make score` first")
    key, folder = compute_fingerprint(checksum, DEFAULT_PROFILE), last_run.out / "models"
    models = [
        load_model(outcome, folder, key, _read_installed_checksum(folder / f"{outcome}.json")) for outcome in OUTCOMES
    ]
    if any(model is None for model in models):
        raise BadInput(f"{folder}: no models for this snapshot, code and libraries; run `make score` first")
    return [model for model in models if model is not None]


def _read_installed_checksum(path: Path) -> str | None:
    try:
        return str(parse_json(path.read_bytes())["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _score_snapshot(
    made: list[Model], panel: pl.DataFrame, book: Rulebook, listed: pl.DataFrame, day: date, snapshot: Snapshot
) -> SnapshotOutcome:
    latest = panel.filter(pl.col("origin") == LATEST_ORIGIN)
    scores = score_all_outcomes(made, latest, book, day, snapshot)
    parts = pl.concat(_list_contributions(model, latest) for model in made)
    return SnapshotOutcome(scores, parts, apply_rulebook(book, scores, panel, listed, day, snapshot))


def _list_contributions(model: Model, latest: pl.DataFrame) -> pl.DataFrame:
    """List every contribution of one model, including its start: iso3, outcome, feature, value, contribution."""
    contributions, starts = compute_contributions(
        model, latest.with_columns(status=build_status_expression(model.outcome))
    )
    nulls = pl.Series([None] * latest.height, dtype=pl.Float64)
    columns = [(START_FEATURE, nulls, starts)]
    columns += [(name, latest[name], contributions[:, i]) for i, name in enumerate(model.ensemble.columns)]
    return pl.concat(
        latest.select("iso3", outcome=pl.lit(model.outcome), feature=pl.lit(name)).with_columns(
            value=values, contribution=pl.Series(part)
        )
        for name, values, part in columns
    )


def _compare_scores(now: SnapshotOutcome, kept: SnapshotOutcome, then: SnapshotOutcome) -> pl.DataFrame:
    views = {"before": now, FACTS_EFFECT: kept, "after": then}
    sides = [
        view.scores.select(
            "iso3",
            "partner",
            "outcome",
            pl.col("probability").alias(f"probability_{name}"),
            pl.col("tier").alias(f"tier_{name}"),
        ).join(
            view.parts.group_by("iso3", "outcome").agg(pl.col("contribution").sum().round(9).alias(f"log_odds_{name}")),
            on=["iso3", "outcome"],
        )
        for name, view in views.items()
    ]
    joined = (
        sides[0]
        .join(sides[1].drop("partner"), on=["iso3", "outcome"])
        .join(sides[2].drop("partner"), on=["iso3", "outcome"])
    )
    changes = {
        f"{what}_by_{effect}": pl.col(f"{what}_{end}") - pl.col(f"{what}_{start}")
        for what in ("probability", "log_odds")
        for effect, start, end in ((FACTS_EFFECT, "before", FACTS_EFFECT), (MODELS_EFFECT, FACTS_EFFECT, "after"))
    }
    return joined.with_columns(**changes).sort("iso3", "outcome")


def _compare_contributions(
    now: SnapshotOutcome, kept: SnapshotOutcome, then: SnapshotOutcome, described: pl.DataFrame
) -> pl.DataFrame:
    """Return the largest changes of contributions by partner, outcome and effect."""
    effects = [
        _compute_contribution_change(start.parts, end.parts).with_columns(effect=pl.lit(effect))
        for effect, start, end in ((FACTS_EFFECT, now, kept), (MODELS_EFFECT, kept, then))
    ]
    size = pl.col("change").abs()
    labels = described.select("feature", "label")
    return (
        pl.concat(effects)
        .filter(size >= LEAST_CHANGE)
        .sort("iso3", "outcome", "effect", size, "feature", descending=[False, False, False, True, False])
        .filter(pl.int_range(pl.len()).over("iso3", "outcome", "effect") < SHOWN_CHANGES)
        .join(labels, on="feature", how="left", maintain_order="left")
        .with_columns(pl.when(feature=START_FEATURE).then(pl.lit(START_LABEL)).otherwise("label").alias("label"))
        .select(
            "iso3", "outcome", "effect", "feature", "label", "value_before", "value_after", "contribution_before",
            "contribution_after", "change",
        )
    )  # fmt: skip


def _compute_contribution_change(start: pl.DataFrame, end: pl.DataFrame) -> pl.DataFrame:
    joined = start.join(end, on=CONTRIBUTION_KEYS, how="full", coalesce=True, suffix="_after")
    before, after = (pl.col(name).fill_null(0.0) for name in ("contribution", "contribution_after"))
    return joined.select(
        *CONTRIBUTION_KEYS, "value_after", value_before="value", contribution_before=before, contribution_after=after,
        change=(after - before).round(9),
    )  # fmt: skip


def _compare_snapshot_decisions(now: SnapshotOutcome, kept: SnapshotOutcome, then: SnapshotOutcome) -> pl.DataFrame:
    effects = ((FACTS_EFFECT, now, kept), (MODELS_EFFECT, kept, then))
    return pl.concat(
        list_changed_decisions(start.rulebook_outcome, end.rulebook_outcome).select(
            pl.lit(effect).alias("effect"), pl.all()
        )
        for effect, start, end in effects
    )


def _convert_to_reasons(parts: pl.DataFrame, described: pl.DataFrame) -> pl.DataFrame:
    """Convert contributions to the columns that the drift weights read."""
    named = parts.rename({"contribution": "contribution_logodds"}).filter(pl.col("feature") != START_FEATURE)
    return named.join(described.select("feature", "label"), on="feature", how="left", maintain_order="left")
