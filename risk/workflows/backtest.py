"""Runs back-tests of the engine's outcomes or a user's, and records them in MLflow."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from features.bad_input import BadInput
from features.labels import describe_features
from features.panel import build_panel, find_feature_themes, list_rated_columns
from features.refresh.exchange import lock_for_reading
from features.snapshot.own_sources import list_own_sources
from features.snapshot.snapshot import Snapshot
from features.vocabulary import DEFAULT_PROFILE, HORIZON_YEARS, LATEST_ORIGIN, OUTCOMES, THEME_LABELS, Profile
from models.evaluation.backtest import (
    ENGINE_NAME,
    REPORTED_ORIGINS,
    BacktestRequest,
    backtest_outcome,
    backtest_outcomes,
    seed_engine,
)
from models.evaluation.metrics import pivot_figures, tabulate_differences, tabulate_figures
from models.evaluation.model_card import format_model_card
from models.evaluation.own_outcome import add_event_history, read_outcome
from models.evaluation.plots import draw_precision_recall, draw_reliability
from models.evaluation.reliability import measure_interval_coverage
from models.registry.fingerprint import compute_fingerprint
from models.registry.promotion import build_forecasts_path
from models.registry.tracking import MlflowRun, record_backtest
from models.training.outcomes import TERROR_READINGS, build_outcome
from risk.outputs.backtest_record import RECORD_NAME, build_backtest_record
from risk.outputs.writing import stage_outputs, write_csv, write_parquet
from risk.workflows.train import list_input_checksums, list_parameters, name_figures

BOTH_PROFILES: tuple[Profile, ...] = ("calendar", "snapshot")
# Processes that compute figures; the same number as for forecasts.
FIT_JOBS = 2
OWN_COLUMNS = ("iso3", "origin", "observed", "probability", "low", "high")
STATUS_MEASURES = {"pts_mean", "pts_state", "pts_amnesty", "ucdp_government_killings", "coup_attempts"}


@dataclass(frozen=True)
class BacktestResult:
    """Forecasts and their evaluation: `figures` and `against` (the engine minus each baseline) with intervals,
    `coverage` of the engine's intervals by bin."""

    forecasts: pl.DataFrame
    figures: pl.DataFrame
    against: pl.DataFrame
    coverage: pl.DataFrame


def run_backtest(
    out: Path,
    outcomes: Iterable[str],
    profiles: Iterable[Profile],
    origins: str,
    snapshot: Snapshot,
    horizon: int = HORIZON_YEARS,
) -> BacktestResult:
    """Forecast past origins, write forecasts and figures to out/backtest, and record them in MLflow.

    `origins` is FIRST:LAST. Raises BadInput for an invalid range.
    """
    with lock_for_reading(snapshot.folder):
        snapshot.verify()
        chosen, profiles, outcomes = parse_origins(origins), list(profiles), list(outcomes)
        panels = {profile: build_panel(profile, snapshot) for profile in profiles}
        requests = [
            BacktestRequest(panels[profile], build_outcome(outcome, profile, snapshot, horizon=horizon), profile)
            for outcome in outcomes
            for profile in profiles
        ]
        tests = iter(backtest_outcomes(requests, chosen))
        forecasts = {outcome: pl.concat(islice(tests, len(profiles))) for outcome in outcomes}
    result = _measure_backtest(pl.concat(forecasts.values()))
    standard = chosen == REPORTED_ORIGINS and horizon == HORIZON_YEARS and profiles == list(BOTH_PROFILES)
    with stage_outputs(out / "backtest") as staging:
        _write_backtest_tables(result, forecasts, staging)
        if standard and outcomes == list(OUTCOMES):
            engine = result.forecasts.filter(estimator=ENGINE_NAME, profile=DEFAULT_PROFILE)
            write_csv(build_backtest_record(engine), staging / RECORD_NAME)
        if DEFAULT_PROFILE in panels and ("misuse" in outcomes):
            rated = list_rated_columns(panels[DEFAULT_PROFILE], snapshot)
            card = format_model_card(result.figures, result.forecasts, panels[DEFAULT_PROFILE], rated)
            (staging / "model_card.md").write_text(card, encoding="utf-8", newline="\n")
    parameters: dict[str, object] = {"outcomes": outcomes, "origins": origins, "horizon": horizon}
    _record_backtest_run(out, result, forecasts if standard else {}, parameters, snapshot.compute_checksum())
    return result


def run_own_backtest(
    path: Path, horizon: int, origins: str, profile: Profile, to: Path, snapshot: Snapshot
) -> BacktestResult:
    """Back-test the outcome of a file of events; forecasts of the engine go to `to` (Parquet) with the columns OWN."""
    chosen = parse_origins(origins)
    outcome = read_outcome(path, profile, horizon, snapshot)
    panel = add_event_history(build_panel(profile, snapshot), outcome, snapshot)
    forecasts = backtest_outcome(panel, outcome, profile, chosen)
    to.parent.mkdir(parents=True, exist_ok=True)
    staged = to.with_name(f"{to.name}.new")
    write_parquet(forecasts.filter(estimator=ENGINE_NAME).select(OWN_COLUMNS).sort("origin", "iso3"), staged)
    staged.replace(to)
    return _measure_backtest(forecasts)


def compare_readings(origins: str, profile: Profile, snapshot: Snapshot) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Figures of misuse under each reading of severe terror, and each partner's rank at the last origin under each."""
    chosen, panel = parse_origins(origins), build_panel(profile, snapshot)
    requests = [
        BacktestRequest(panel, build_outcome("misuse", profile, snapshot, reading=reading), profile)
        for reading in TERROR_READINGS
    ]
    forecasts = backtest_outcomes(requests, chosen, (ENGINE_NAME,))
    last = [rows.filter(pl.col("origin") == chosen[-1]).with_columns(reading=pl.col("outcome")) for rows in forecasts]
    ranks = pl.concat(last).with_columns(
        rank=pl.col("probability").rank("min", descending=True).over("reading").cast(pl.Int64)
    )
    return pivot_figures(tabulate_figures(pl.concat(forecasts))), ranks.pivot(
        "reading", index="iso3", values="rank"
    ).sort("misuse", "iso3")


def compare_seeds(
    seeds: int, outcome: str, origins: str, profile: Profile, snapshot: Snapshot
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Figures of the engine under each of so many seeds; and iso3, low and high: how far each partner's probability
    at the last origin lies apart between them."""
    chosen, panel = parse_origins(origins), build_panel(profile, snapshot)
    forecasts = backtest_outcome(
        panel, build_outcome(outcome, profile, snapshot), profile, chosen, [seed_engine(seed) for seed in range(seeds)]
    )
    last = forecasts.filter(origin=chosen[-1]).group_by("iso3").agg(
        low=pl.col("probability").min(), high=pl.col("probability").max()
    )  # fmt: skip
    return pivot_figures(tabulate_figures(forecasts, jobs=FIT_JOBS)), last.sort("iso3")


def run_ablation(
    name: str, outcome: str, origins: str, profile: Profile, snapshot: Snapshot
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The engine with everything and without a theme or an own source: figures of both, and what it adds with 95%
    intervals."""
    without = list_left_out_columns(name, snapshot)
    chosen, panel, asked = (
        parse_origins(origins),
        build_panel(profile, snapshot),
        build_outcome(outcome, profile, snapshot),
    )
    # The status at the origin reads these, whatever the model may see.
    less = panel.drop(without - STATUS_MEASURES)
    tests = backtest_outcomes(
        [BacktestRequest(frame, asked, profile) for frame in (panel, less)], chosen, (ENGINE_NAME,)
    )
    forecasts = pl.concat([tests[0], tests[1].with_columns(estimator=pl.lit(f"without {name}"))])
    return pivot_figures(tabulate_figures(forecasts)), tabulate_differences(forecasts, ENGINE_NAME)


def list_left_out_columns(name: str, snapshot: Snapshot) -> set[str]:
    """The columns of a theme, or of an own source; BadInput for a name of neither."""
    if name in THEME_LABELS:
        return {column for column, its in find_feature_themes(snapshot).items() if its == name}
    if name in list_own_sources(snapshot.folder):
        return set(describe_features(snapshot).filter(source=name)["feature"])
    known = ", ".join([*THEME_LABELS, *list_own_sources(snapshot.folder)])
    raise BadInput(f"unknown theme {name!r}, expected one of {known}, or a source of your own that was added")


def parse_origins(origins: str) -> range:
    """Parse FIRST:LAST into a range of origins, both ends included."""
    first, separator, last = origins.partition(":")
    if (
        not separator
        or not (first.isdigit() and last.isdigit())
        or not 1990 <= int(first) <= int(last) <= LATEST_ORIGIN
    ):
        raise BadInput(f"origins {origins!r}: expected FIRST:LAST between 1990 and {LATEST_ORIGIN}, such as 2000:2021")
    return range(int(first), int(last) + 1)


def _measure_backtest(forecasts: pl.DataFrame) -> BacktestResult:
    engine = forecasts.filter(estimator=ENGINE_NAME)
    return BacktestResult(
        forecasts,
        tabulate_figures(forecasts, jobs=FIT_JOBS),
        tabulate_differences(forecasts, ENGINE_NAME, jobs=FIT_JOBS),
        measure_interval_coverage(engine),
    )


def _write_backtest_tables(result: BacktestResult, tables: dict[str, pl.DataFrame], folder: Path) -> None:
    for outcome, forecasts in tables.items():
        write_parquet(forecasts, folder / f"{outcome}.parquet")
    for name in ("figures", "against", "coverage"):
        write_parquet(getattr(result, name), folder / f"{name}.parquet")
    engine = result.forecasts.filter(estimator=ENGINE_NAME)
    for profile in engine["profile"].unique().sort():
        draw_reliability(engine.filter(profile=profile), folder / f"reliability_{profile}.png")
        draw_precision_recall(engine.filter(profile=profile), folder / f"precision_recall_{profile}.png")


def _record_backtest_run(
    out: Path, result: BacktestResult, kept: dict[str, pl.DataFrame], parameters: dict[str, object], snapshot: str
) -> None:
    """Record the run; forecasts of the standard back-test are also kept under today's fingerprint, for promotions."""
    key = compute_fingerprint(snapshot, DEFAULT_PROFILE)
    for outcome, forecasts in kept.items():
        path = build_forecasts_path(out, key, outcome)
        with stage_outputs(path.parent) as staging:
            write_parquet(forecasts, staging / path.name)
    folder = out / "backtest"
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]
    metrics = name_figures(pivot_figures(result.figures))
    record = MlflowRun(
        "backtest", list_parameters() | parameters, metrics, list_input_checksums(snapshot), key._asdict(), files
    )
    record_backtest(out, record)
