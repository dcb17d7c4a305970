"""Back-tests on request: the engine's own outcomes or a user's, measured, kept and recorded in MLflow."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from features.bad_input import BadInput
from features.labels import describe
from features.panel import build_panel, rated_columns, themes_of
from features.refresh.exchange import reading
from features.snapshot.cards import RAW
from features.snapshot.compile import checksum, verify
from features.snapshot.own_sources import own_sources
from features.vocabulary import HORIZON_YEARS, LATEST_ORIGIN, OUTCOMES, PROFILE, THEME_LABELS, Profile
from models.evaluation.backtest import ENGINE, REPORTED, Request, backtest, backtests, seeded
from models.evaluation.metrics import differences, table, wide
from models.evaluation.model_card import model_card
from models.evaluation.own_outcome import read_outcome, with_history
from models.evaluation.plots import precision_recall, reliability
from models.evaluation.reliability import interval_coverage
from models.registry.fingerprint import fingerprint
from models.registry.promotion import kept_file
from models.registry.tracking import Record, record_backtest
from models.training.outcomes import READINGS, built_in
from risk.outputs.backtest_record import NAME, make_record
from risk.outputs.writing import staged_outputs, write_csv, write_parquet
from risk.workflows.train import inputs, named, parameters

BOTH: tuple[Profile, ...] = ("calendar", "snapshot")
# Processes that measure forecasts, as many as make them.
JOBS = 2
OWN = ("iso3", "origin", "observed", "probability", "low", "high")
STATUS_MEASURES = {"pts_mean", "pts_state", "pts_amnesty", "ucdp_government_killings", "coup_attempts"}


@dataclass(frozen=True)
class Tested:
    """Forecasts and what they are worth: `figures` and `against` (the engine less each baseline) with intervals,
    `coverage` of the engine's intervals by bin."""

    forecasts: pl.DataFrame
    figures: pl.DataFrame
    against: pl.DataFrame
    coverage: pl.DataFrame


def run_backtest(
    out: Path, outcomes: Iterable[str], profiles: Iterable[Profile], origins: str, horizon: int = HORIZON_YEARS
) -> Tested:
    """Forecast past origins again, keep forecasts and figures in out/backtest, and record them in MLflow.

    `origins` is FIRST:LAST. Raises BadInput for a range that is none.
    """
    with reading():
        verify()
        chosen, profiles, outcomes = parse_origins(origins), list(profiles), list(outcomes)
        panels = {profile: build_panel(profile) for profile in profiles}
        requests = [
            Request(panels[profile], built_in(outcome, profile, horizon=horizon), profile)
            for outcome in outcomes
            for profile in profiles
        ]
        tests = iter(backtests(requests, chosen))
        made = {outcome: pl.concat(islice(tests, len(profiles))) for outcome in outcomes}
    tested = _measured(pl.concat(made.values()))
    standard = chosen == REPORTED and horizon == HORIZON_YEARS and profiles == list(BOTH)
    with staged_outputs(out / "backtest") as staging:
        _write(tested, made, staging)
        if standard and outcomes == list(OUTCOMES):
            issued = tested.forecasts.filter(estimator=ENGINE, profile=PROFILE)
            write_csv(make_record(issued), staging / NAME)
        if PROFILE in panels and ("misuse" in outcomes):
            rated = rated_columns(panels[PROFILE])
            card = model_card(tested.figures, tested.forecasts, panels[PROFILE], rated)
            (staging / "model_card.md").write_text(card, encoding="utf-8", newline="\n")
    _remember(out, tested, made if standard else {}, {"outcomes": outcomes, "origins": origins, "horizon": horizon})
    return tested


def run_own(path: Path, horizon: int, origins: str, profile: Profile, to: Path) -> Tested:
    """Back-test the outcome of a file of events; forecasts of the engine go to `to` (Parquet) with the columns OWN."""
    chosen = parse_origins(origins)
    outcome = read_outcome(path, profile, horizon)
    panel = with_history(build_panel(profile), outcome)
    forecasts = backtest(panel, outcome, profile, chosen)
    to.parent.mkdir(parents=True, exist_ok=True)
    aside = to.with_name(f"{to.name}.new")
    write_parquet(forecasts.filter(estimator=ENGINE).select(OWN).sort("origin", "iso3"), aside)
    aside.replace(to)
    return _measured(forecasts)


def run_readings(origins: str, profile: Profile) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Figures of misuse under each reading of severe terror, and each partner's rank at the last origin under each."""
    chosen, panel = parse_origins(origins), build_panel(profile)
    requests = [Request(panel, built_in("misuse", profile, reading=reading), profile) for reading in READINGS]
    made = backtests(requests, chosen, (ENGINE,))
    last = [rows.filter(pl.col("origin") == chosen[-1]).with_columns(reading=pl.col("outcome")) for rows in made]
    ranks = pl.concat(last).with_columns(
        rank=pl.col("probability").rank("min", descending=True).over("reading").cast(pl.Int64)
    )
    return wide(table(pl.concat(made))), ranks.pivot("reading", index="iso3", values="rank").sort("misuse", "iso3")


def run_seeds(seeds: int, outcome: str, origins: str, profile: Profile) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Figures of the engine under each of so many seeds; and iso3, low and high: how far each partner's probability
    at the last origin lies apart between them."""
    chosen, panel = parse_origins(origins), build_panel(profile)
    forecasts = backtest(panel, built_in(outcome, profile), profile, chosen, [seeded(seed) for seed in range(seeds)])
    last = forecasts.filter(origin=chosen[-1]).group_by("iso3").agg(
        low=pl.col("probability").min(), high=pl.col("probability").max()
    )  # fmt: skip
    return wide(table(forecasts, jobs=JOBS)), last.sort("iso3")


def run_without(
    name: str, outcome: str, origins: str, profile: Profile, raw: Path = RAW
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The engine with everything and without a theme or an own source: figures of both, and what it adds with 95%
    intervals."""
    without = left_out(name, raw)
    chosen, panel, asked = parse_origins(origins), build_panel(profile, raw), built_in(outcome, profile, raw)
    # The status at the origin reads these, whatever the model may see.
    less = panel.drop(without - STATUS_MEASURES)
    made = backtests([Request(frame, asked, profile) for frame in (panel, less)], chosen, (ENGINE,))
    forecasts = pl.concat([made[0], made[1].with_columns(estimator=pl.lit(f"without {name}"))])
    return wide(table(forecasts)), differences(forecasts, ENGINE)


def left_out(name: str, raw: Path) -> set[str]:
    """The columns of a theme, or of an own source; BadInput for a name of neither."""
    if name in THEME_LABELS:
        return {column for column, its in themes_of(raw).items() if its == name}
    if name in own_sources(raw):
        return set(describe(raw).filter(source=name)["feature"])
    known = ", ".join([*THEME_LABELS, *own_sources(raw)])
    raise BadInput(f"unknown theme {name!r}, expected one of {known}, or a source of your own that was added")


def parse_origins(origins: str) -> range:
    """The origins of FIRST:LAST, both included."""
    first, separator, last = origins.partition(":")
    if (
        not separator
        or not (first.isdigit() and last.isdigit())
        or not 1990 <= int(first) <= int(last) <= LATEST_ORIGIN
    ):
        raise BadInput(f"origins {origins!r}: expected FIRST:LAST between 1990 and {LATEST_ORIGIN}, such as 2000:2021")
    return range(int(first), int(last) + 1)


def _measured(forecasts: pl.DataFrame) -> Tested:
    engine = forecasts.filter(estimator=ENGINE)
    return Tested(
        forecasts,
        table(forecasts, jobs=JOBS),
        differences(forecasts, ENGINE, jobs=JOBS),
        interval_coverage(engine),
    )


def _write(tested: Tested, made: dict[str, pl.DataFrame], folder: Path) -> None:
    for outcome, forecasts in made.items():
        write_parquet(forecasts, folder / f"{outcome}.parquet")
    for name in ("figures", "against", "coverage"):
        write_parquet(getattr(tested, name), folder / f"{name}.parquet")
    engine = tested.forecasts.filter(estimator=ENGINE)
    for profile in engine["profile"].unique().sort():
        reliability(engine.filter(profile=profile), folder / f"reliability_{profile}.png")
        precision_recall(engine.filter(profile=profile), folder / f"precision_recall_{profile}.png")


def _remember(out: Path, tested: Tested, kept: dict[str, pl.DataFrame], asked: dict[str, object]) -> None:
    """Record the run; forecasts of the standard back-test are also kept under today's fingerprint, for promotions."""
    snapshot = checksum()
    key = fingerprint(snapshot, PROFILE)
    for outcome, forecasts in kept.items():
        path = kept_file(out, key, outcome)
        with staged_outputs(path.parent) as staging:
            write_parquet(forecasts, staging / path.name)
    folder = out / "backtest"
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]
    metrics = named(wide(tested.figures))
    record = Record("backtest", parameters() | asked, metrics, inputs(snapshot), key._asdict(), files)
    record_backtest(out, record)
