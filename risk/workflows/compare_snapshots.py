"""What another snapshot would do to the last run, before it is put in place: because of its facts, and of models
trained on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from features.bad_input import BadInput
from features.files.untrusted import parsed
from features.labels import describe
from features.panel import build_panel
from features.refresh.exchange import reading
from features.snapshot.cards import RAW
from features.snapshot.compile import checksum, verify
from features.snapshot.own_sources import own_folder, own_sources
from features.vocabulary import LATEST_ORIGIN, OUTCOMES, PROFILE
from models.drift import input_drift
from models.inference.reasons import contributions
from models.registry.fingerprint import fingerprint
from models.registry.store import load, obtain_models
from models.training.outcomes import status
from models.training.train import Model, kept_members
from risk.assessment.rule_inputs import listed_on, standing_schema
from risk.outputs.atomic_swap import only_run
from risk.outputs.last_run import last_table, run_day
from risk.rules.files import read_rulebook
from risk.rules.loading import RULEBOOK, validate_rulebook
from risk.rules.rulebook import Rulebook
from risk.workflows.compare_rulebooks import Side, decided_otherwise, side
from risk.workflows.score import all_scores

FOLDER = "data_diff"
KEYS = ["iso3", "outcome", "feature"]
FACTS, MODELS = "facts", "models"
# What a forecast starts from is no feature: the base rate learnt, and the status at the origin.
START = "(start)"
START_LABEL = "Where the forecast starts: status at the origin, and the rate that the model learnt"
SHOWN, LEAST = 5, 0.005


@dataclass(frozen=True)
class DataChanges:
    """Two snapshots by checksum, and the tables that compare them.

    scores: iso3, partner, outcome, probability and tier before, with the new facts (today's models kept) and after
    (models trained anew), and both effects in probability and log-odds. contributions: iso3, outcome, effect, feature,
    label, value and contribution before and after, change; the largest of each. decisions: effect, iso3, partner,
    what, rule, before, after. drift: inputs of the new snapshot against what its models learnt from. members: by
    outcome, the members of its ensemble that count before and after, where these differ.
    """

    before: str
    after: str
    scores: pl.DataFrame
    contributions: pl.DataFrame
    decisions: pl.DataFrame
    drift: pl.DataFrame
    members: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class View:
    """One snapshot seen with one set of models: scores, every contribution, and what the rules make of them."""

    scores: pl.DataFrame
    parts: pl.DataFrame
    side: Side


def data_changes(folder: Path, out: Path, rulebook: Path = RULEBOOK, raw: Path = RAW) -> DataChanges:
    """Compare the snapshot in use with the one in `folder`, on the last run in `out` and as of its day.

    Only models trained for the comparison are written, to out/data_diff. Raises BadInput where a snapshot cannot be
    used, or `out` is not of the one in use.
    """
    with only_run(out), reading(raw), _with_own(folder, raw) as other:
        day, today = run_day(out), _todays_models(out, raw)
        verify(other)
        panel, panel_then = last_table(out, "panel"), build_panel(PROFILE, other)
        files = read_rulebook(rulebook)
        listed = listed_on(files, day)
        book = validate_rulebook(files, standing_schema(panel, listed))
        key = fingerprint(checksum(other), PROFILE)
        anew, _ = obtain_models(panel_then, out / FOLDER / "models", key, PROFILE, LATEST_ORIGIN, other)
        now = _view(today, panel, book, listed, day, raw)
        kept = _view(today, panel_then, book, listed, day, other)
        then = _view(anew, panel_then, book, listed, day, other)
        moved = _contributions(now, kept, then, describe(other))
        drifted = input_drift(panel_then, anew[0], _as_reasons(then.parts, describe(other)))
        decisions, members = _decisions(now, kept, then), _members(today, anew)
        scores = _scores(now, kept, then)
        return DataChanges(checksum(raw), checksum(other), scores, moved, decisions, drifted, members)


def _members(today: list[Model], anew: list[Model]) -> dict[str, tuple[str, str]]:
    """Which members count is chosen at every training, all of them or all but one: a choice that can turn on little."""
    pairs = {
        old.outcome: (", ".join(kept_members(old)), ", ".join(kept_members(new)))
        for old, new in zip(today, anew, strict=True)
    }
    return {outcome: (before, after) for outcome, (before, after) in pairs.items() if before != after}


@contextmanager
def _with_own(folder: Path, raw: Path) -> Iterator[Path]:
    """The other snapshot with the same own indicators beside it: only what publishers gave is to differ."""
    if not folder.is_dir():
        raise BadInput(f"{folder}: no such folder; give the folder of a whole snapshot, laid out as data/raw is")
    if own_folder(folder).resolve() == own_folder(raw).resolve() or not (own_sources(raw) or own_sources(folder)):
        yield folder
        return
    with TemporaryDirectory() as aside:
        (Path(aside) / "raw").symlink_to(folder.resolve())
        (Path(aside) / "own").symlink_to(own_folder(raw).resolve())
        yield Path(aside) / "raw"


def _todays_models(out: Path, raw: Path) -> list[Model]:
    """The models of the last run, whatever their recipe, if they and the run are of the snapshot in use."""
    path, snapshot = out / "run.json", checksum(raw)
    try:
        ran_on = str(parsed(path.read_bytes())["snapshot"])
    except (OSError, ValueError, KeyError, TypeError):
        raise BadInput(f"{path}: tells no snapshot of the last run; run `make score` first") from None
    if ran_on != snapshot:
        raise BadInput(f"{path}: snapshot {ran_on[:12]}…, data/raw is {snapshot[:12]}…; run `make score` first")
    key, folder = fingerprint(snapshot, PROFILE), out / "models"
    found = [load(outcome, folder, key, _installed(folder / f"{outcome}.json")) for outcome in OUTCOMES]
    if any(model is None for model in found):
        raise BadInput(f"{folder}: holds no models of this snapshot, code and libraries; run `make score` first")
    return [model for model in found if model is not None]


def _installed(path: Path) -> str | None:
    try:
        return str(parsed(path.read_bytes())["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _view(made: list[Model], panel: pl.DataFrame, book: Rulebook, listed: pl.DataFrame, day: date, raw: Path) -> View:
    latest = panel.filter(pl.col("origin") == LATEST_ORIGIN)
    scores = all_scores(made, latest, book, day, raw)
    parts = pl.concat(_parts(model, latest) for model in made)
    return View(scores, parts, side(book, scores, panel, listed, day, raw))


def _parts(model: Model, latest: pl.DataFrame) -> pl.DataFrame:
    """Every contribution of one model, its start among them: iso3, outcome, feature, value, contribution."""
    given, starts = contributions(model, latest.with_columns(status=status(model.outcome)))
    nothing = pl.Series([None] * latest.height, dtype=pl.Float64)
    columns = [(START, nothing, starts)]
    columns += [(name, latest[name], given[:, i]) for i, name in enumerate(model.ensemble.columns)]
    return pl.concat(
        latest.select("iso3", outcome=pl.lit(model.outcome), feature=pl.lit(name)).with_columns(
            value=values, contribution=pl.Series(part)
        )
        for name, values, part in columns
    )


def _scores(now: View, kept: View, then: View) -> pl.DataFrame:
    views = {"before": now, FACTS: kept, "after": then}
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
        for effect, start, end in ((FACTS, "before", FACTS), (MODELS, FACTS, "after"))
    }
    return joined.with_columns(**changes).sort("iso3", "outcome")


def _contributions(now: View, kept: View, then: View, described: pl.DataFrame) -> pl.DataFrame:
    """The largest changes of contributions of each partner, outcome and effect."""
    effects = [
        _change(start.parts, end.parts).with_columns(effect=pl.lit(effect))
        for effect, start, end in ((FACTS, now, kept), (MODELS, kept, then))
    ]
    size = pl.col("change").abs()
    labels = described.select("feature", "label")
    return (
        pl.concat(effects)
        .filter(size >= LEAST)
        .sort("iso3", "outcome", "effect", size, "feature", descending=[False, False, False, True, False])
        .filter(pl.int_range(pl.len()).over("iso3", "outcome", "effect") < SHOWN)
        .join(labels, on="feature", how="left", maintain_order="left")
        .with_columns(pl.when(feature=START).then(pl.lit(START_LABEL)).otherwise("label").alias("label"))
        .select(
            "iso3", "outcome", "effect", "feature", "label", "value_before", "value_after", "contribution_before",
            "contribution_after", "change",
        )
    )  # fmt: skip


def _change(start: pl.DataFrame, end: pl.DataFrame) -> pl.DataFrame:
    joined = start.join(end, on=KEYS, how="full", coalesce=True, suffix="_after")
    before, after = (pl.col(name).fill_null(0.0) for name in ("contribution", "contribution_after"))
    return joined.select(
        *KEYS, "value_after", value_before="value", contribution_before=before, contribution_after=after,
        change=(after - before).round(9),
    )  # fmt: skip


def _decisions(now: View, kept: View, then: View) -> pl.DataFrame:
    effects = ((FACTS, now, kept), (MODELS, kept, then))
    return pl.concat(
        decided_otherwise(start.side, end.side).select(pl.lit(effect).alias("effect"), pl.all())
        for effect, start, end in effects
    )


def _as_reasons(parts: pl.DataFrame, described: pl.DataFrame) -> pl.DataFrame:
    """Contributions with the columns that weights are taken from."""
    named = parts.rename({"contribution": "contribution_logodds"}).filter(pl.col("feature") != START)
    return named.join(described.select("feature", "label"), on="feature", how="left", maintain_order="left")
