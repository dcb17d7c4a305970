"""The rooms in order: snapshot, panel, models, scores, reasons, decisions, outputs."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from subprocess import Popen
from time import perf_counter

import polars as pl

from features.indices.index_inputs import build_index_inputs
from features.labels import describe_features
from features.panel import build_panel, list_rated_columns
from features.partners import load_partners
from features.refresh.exchange import lock_for_reading
from features.snapshot.freshness import read_snapshot_day
from features.snapshot.snapshot import Snapshot
from features.vocabulary import DEFAULT_PROFILE, HEADLINE_OUTCOME, HORIZON_YEARS, LATEST_ORIGIN
from models.drift import measure_input_drift
from models.inference.compact_model import AnyModel
from models.inference.reasons import list_reasons
from models.inference.score import forecast_partners
from models.recourse.recourse import find_recourse
from models.registry.champion import ScoringModels, load_scoring_models
from models.registry.fingerprint import compute_fingerprint
from risk.assessment.benchmarks import raise_benchmarks
from risk.assessment.cautions import list_cautions
from risk.assessment.decide import decide_by_rules
from risk.assessment.partner_overview import summarize_partners as decide_partners
from risk.assessment.rule_inputs import build_rule_input_schema, build_rule_inputs, load_designations_on
from risk.assessment.tiers import build_outcome_tier_expr, find_posture_matrix, list_tier_thresholds
from risk.cases.tables.texts import load_transfer_texts
from risk.ledger.issues import record_around_run
from risk.ledger.ledger_files import LedgerFiles
from risk.outputs.atomic_swap import hold_run_lock
from risk.outputs.run_manifest import RunRecord
from risk.portfolio.policy import PortfolioPolicy, read_portfolio_policy
from risk.publishing.publish import WRITTEN_TABLES, RunOutputs, publish_outputs
from risk.publishing.rule_details import build_rule_details
from risk.publishing.supplement import build_supplement
from risk.report.contracts.input_types import RuleDetails
from risk.report.inputs import ReportSupplement
from risk.report.page_worker import start_page_worker
from risk.rules.loading import RULEBOOK_FOLDER, validate_rulebook
from risk.rules.rulebook import Rulebook
from risk.rules.rulebook_files import RulebookFiles, read_rulebook

LAST_YEAR_COLUMNS = ("iso3", "origin", "probability", "low", "high")
RECORDED_LIBRARIES = ("scikit-learn", "polars", "shap", "skops", "numpy")


@dataclass
class RunResult:
    """What a run made: the tables of the contract, what the rulebook says beside them, and the seconds of each step."""

    panel: pl.DataFrame = field(default_factory=pl.DataFrame)
    scores: pl.DataFrame = field(default_factory=pl.DataFrame)
    reasons: pl.DataFrame = field(default_factory=pl.DataFrame)
    recourse: pl.DataFrame = field(default_factory=pl.DataFrame)
    standing: pl.DataFrame = field(default_factory=pl.DataFrame)
    decisions: pl.DataFrame = field(default_factory=pl.DataFrame)
    partners: pl.DataFrame = field(default_factory=pl.DataFrame)
    cautions: pl.DataFrame = field(default_factory=pl.DataFrame)
    drift: pl.DataFrame = field(default_factory=pl.DataFrame)
    rule_details: dict[str, RuleDetails] = field(default_factory=dict)
    trained: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def time_step(self, name: str) -> Iterator[None]:
        """Time one step of the run."""
        start = perf_counter()
        yield
        self.seconds[name] = round(perf_counter() - start, 2)

    def select_tables(self) -> dict[str, pl.DataFrame]:
        """The tables to be written, by name."""
        return {name: getattr(self, name) for name in WRITTEN_TABLES}


def run_score(
    out: Path,
    on: date | None = None,
    rulebook: Path = RULEBOOK_FOLDER,
    ledger: LedgerFiles | None = None,
    who: str | None = None,
    *,
    snapshot: Snapshot,
) -> RunResult:
    """Score every partner, decide, replace the outputs in `out` once all of it has succeeded, and record the issue.

    Without a ledger nothing is recorded and pages show no entries. Raises BadInput where input cannot be used, another
    run works in `out` or the ledger cannot be written.
    """
    # Started now, the second process is ready by the time that there are pages to draw.
    with (
        hold_run_lock(out),
        lock_for_reading(snapshot.folder),
        record_around_run(out, ledger, who),
        _pause_garbage_collection(),
        start_page_worker() as page_worker,
    ):
        return _run_score_steps(
            _Request(out, on or read_snapshot_day(snapshot), rulebook, snapshot, ledger, page_worker)
        )


@contextmanager
def _pause_garbage_collection() -> Iterator[None]:
    """No search for garbage in rings: what a run makes lives to its end, and would be looked through over and over."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@dataclass(frozen=True)
class _Request:
    """What a run is asked: where to, for which day, by which rulebook and snapshot, with whose entries."""

    out: Path
    day: date
    rulebook: Path
    snapshot: Snapshot
    ledger: LedgerFiles | None
    page_worker: "Popen[bytes] | None"


@dataclass(frozen=True)
class _Rules:
    """The rulebook as read and checked, the lists of the day and the facts behind the indices."""

    files: RulebookFiles
    book: Rulebook
    policy: PortfolioPolicy
    listed: pl.DataFrame
    indexed: pl.DataFrame


def _run_score_steps(ask: _Request) -> RunResult:
    result = RunResult()
    with result.time_step("verify snapshot"):
        ask.snapshot.verify()
    with result.time_step("panel"):
        result.panel = build_panel(DEFAULT_PROFILE, ask.snapshot)
        latest = result.panel.filter(pl.col("origin") == LATEST_ORIGIN)
    with result.time_step("rulebook"):
        rules = _read_rules(ask, result.panel)
    with result.time_step("models"):
        scorers = _load_models(ask, result)
        headline = next(model for model in scorers.models if model.outcome == HEADLINE_OUTCOME)
    with result.time_step("scores"):
        result.scores = score_all_outcomes(scorers.models, latest, rules.book, ask.day, ask.snapshot)
    with result.time_step("reasons"):
        described = describe_features(ask.snapshot)
        result.reasons = pl.concat(list_reasons(model, latest, described) for model in scorers.models)
    with result.time_step("drift"):
        result.drift = measure_input_drift(result.panel, headline, result.reasons)
    with result.time_step("recourse"):
        result.recourse = _find_misuse_recourse(headline, result, rules.book, described, ask.day, ask.snapshot)
    with result.time_step("decisions"):
        _decide_for_partners(ask, result, rules, latest)
    with result.time_step("advice"):
        supplement = _write_supplement(ask, result, rules, headline)
    manifest = _describe_run(ask, result, scorers)
    with result.time_step("outputs"):
        manifest |= _describe_provenance(rules.files, ask.snapshot)
        outputs = RunOutputs(result.select_tables(), manifest, supplement, rules.policy, described)
        publish_outputs(ask.out, outputs, ask.snapshot, ask.ledger, ask.page_worker)
    return result


def _read_rules(ask: _Request, panel: pl.DataFrame) -> _Rules:
    files = read_rulebook(ask.rulebook)
    listed, indexed = load_designations_on(files, ask.day), build_index_inputs(DEFAULT_PROFILE, ask.snapshot)
    book = validate_rulebook(files, build_rule_input_schema(panel, listed, indexed))
    return _Rules(files, book, read_portfolio_policy(files, book.schema), listed, indexed)


def _load_models(ask: _Request, result: RunResult) -> ScoringModels:
    key = compute_fingerprint(ask.snapshot.compute_checksum(), DEFAULT_PROFILE)
    scorers = load_scoring_models(result.panel, ask.out, key, DEFAULT_PROFILE, LATEST_ORIGIN, ask.snapshot)
    result.trained, result.remarks = scorers.trained, scorers.remarks
    return scorers


def _decide_for_partners(ask: _Request, result: RunResult, rules: _Rules, latest: pl.DataFrame) -> None:
    book, day = rules.book, ask.day
    result.standing = build_rule_inputs(result.scores, latest, rules.listed, rules.indexed)
    result.decisions = raise_benchmarks(decide_by_rules(result.standing, book, day), result.recourse, day)
    result.partners = decide_partners(result.standing, result.decisions, book, day)
    result.cautions = list_cautions(result.standing, book, day)
    result.rule_details = build_rule_details(book, day)


def _write_supplement(ask: _Request, result: RunResult, rules: _Rules, headline: AnyModel) -> ReportSupplement:
    before = result.panel.filter(pl.col("origin") == LATEST_ORIGIN - 1)
    last_year = forecast_partners(headline, before, list_rated_columns(before, ask.snapshot)).select(LAST_YEAR_COLUMNS)
    cuts, transfers = find_posture_matrix(rules.book, ask.day), load_transfer_texts(rules.files)
    return build_supplement(
        result.rule_details, result.cautions, result.recourse, result.partners, cuts, last_year, transfers
    )


def _describe_run(ask: _Request, result: RunResult, scorers: ScoringModels) -> RunRecord:
    return {
        "decided_as_of": str(ask.day),
        "base_rates": {model.outcome: model.base_rate for model in scorers.models},
        "trained_to": {model.outcome: model.trained_to for model in scorers.models},
        "models": scorers.checksum,
        "seconds": result.seconds,
    }


def _describe_provenance(rulebook: RulebookFiles, snapshot: Snapshot) -> RunRecord:
    return {
        "origin": LATEST_ORIGIN,
        "horizon_end": LATEST_ORIGIN + HORIZON_YEARS,
        "profile": DEFAULT_PROFILE,
        "snapshot": snapshot.compute_checksum(),
        "rulebook": rulebook.checksum,
        "rules": rulebook.rules_checksum,
        "versions": {name: version(name) for name in RECORDED_LIBRARIES},
    }


def score_all_outcomes(
    models: Sequence[AnyModel], latest: pl.DataFrame, book: Rulebook, day: date, snapshot: Snapshot
) -> pl.DataFrame:
    """Every outcome's forecasts with partner, region, tier and rank, in the order of the contract."""
    levels = list_rated_columns(latest, snapshot)
    names = load_partners().select("iso3", "region", partner="name")
    made = pl.concat(forecast_partners(model, latest, levels) for model in models).join(names, on="iso3", how="left")
    rank = pl.col("probability").rank("min", descending=True).over("outcome").cast(pl.Int64)
    return (
        made.with_columns(tier=build_outcome_tier_expr(book, day), rank=rank)
        .select(
            "iso3", "partner", "region", "origin", "horizon_end", "outcome", "probability", "low", "high",
            "onset_probability", "status", "tier", "rank", "coverage", "model",
        )
        .sort("iso3", "outcome")
    )  # fmt: skip


def _find_misuse_recourse(
    model: AnyModel, result: RunResult, book: Rulebook, described: pl.DataFrame, day: date, snapshot: Snapshot
) -> pl.DataFrame:
    """Which realistic improvements go with a lower tier of misuse."""
    labels = dict(described.select("feature", "label").iter_rows())
    starts = list_tier_thresholds(book, HEADLINE_OUTCOME, day)
    return find_recourse(
        model, result.panel, result.scores.filter(outcome=HEADLINE_OUTCOME), starts, labels, DEFAULT_PROFILE, snapshot
    )
