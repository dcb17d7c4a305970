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

from features.indices.inputs import index_facts
from features.labels import describe
from features.panel import build_panel, rated_columns
from features.partners import load_partners
from features.refresh.exchange import reading
from features.snapshot.cards import RAW
from features.snapshot.compile import checksum, verify
from features.snapshot.freshness import snapshot_day
from features.vocabulary import HEADLINE, HORIZON_YEARS, LATEST_ORIGIN, PROFILE
from models.drift import input_drift
from models.inference.compact_model import AnyModel
from models.inference.reasons import reasons
from models.inference.score import score
from models.recourse.recourse import recourse
from models.registry.champion import obtain_scorers
from models.registry.fingerprint import fingerprint
from risk.assessment.benchmarks import ask_recourse
from risk.assessment.cautions import cautions
from risk.assessment.decide import decide
from risk.assessment.partner_overview import partners as decide_partners
from risk.assessment.rule_inputs import build_standing, listed_on, standing_schema
from risk.assessment.tiers import quadrant, tier_by_outcome, tier_starts
from risk.cases.tables.texts import rulebook_words
from risk.ledger.files import Place
from risk.ledger.issues import recorded
from risk.outputs.atomic_swap import only_run
from risk.outputs.run_manifest import RunRecord
from risk.portfolio.policy import read_portfolio_policy
from risk.publishing.publish import publish
from risk.publishing.rule_details import rule_details
from risk.publishing.supplement import advise
from risk.report.contracts.input_types import RuleDetails
from risk.report.page_worker import standing_by
from risk.rules.files import RulebookFiles, read_rulebook
from risk.rules.loading import RULEBOOK, validate_rulebook
from risk.rules.rulebook import Rulebook

LAST_YEAR = ("iso3", "origin", "probability", "low", "high")
LIBRARIES = ("scikit-learn", "polars", "shap", "skops", "numpy")


@dataclass
class Result:
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
    def step(self, name: str) -> Iterator[None]:
        """Time one step of the run."""
        start = perf_counter()
        yield
        self.seconds[name] = round(perf_counter() - start, 2)


def run(
    out: Path,
    on: date | None = None,
    rulebook: Path = RULEBOOK,
    raw: Path = RAW,
    ledger: Place | None = None,
    who: str | None = None,
) -> Result:
    """Score every partner, decide, replace the outputs in `out` once all of it has succeeded, and record the issue.

    Without a ledger nothing is recorded and pages show no entries. Raises BadInput where input cannot be used, another
    run works in `out` or the ledger cannot be written.
    """
    # Started now, the second process is ready by the time that there are pages to draw.
    with only_run(out), reading(raw), recorded(out, ledger, who), _uncollected(), standing_by() as second:
        return _run(out, on or snapshot_day(raw), rulebook, raw, ledger, second)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for garbage in rings: what a run makes lives to its end, and would be looked through over and over."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _run(
    out: Path, day: date, rulebook: Path, raw: Path, ledger: Place | None, second: "Popen[bytes] | None"
) -> Result:
    result = Result()
    with result.step("verify snapshot"):
        verify(raw)
    with result.step("panel"):
        result.panel = build_panel(PROFILE, raw)
    with result.step("rulebook"):
        files = read_rulebook(rulebook)
        listed, indexed = listed_on(files, day), index_facts(PROFILE, raw)
        book = validate_rulebook(files, standing_schema(result.panel, listed, indexed))
        policy = read_portfolio_policy(files, book.schema)
    with result.step("models"):
        key = fingerprint(checksum(raw), PROFILE)
        scorers = obtain_scorers(result.panel, out, key, PROFILE, LATEST_ORIGIN, raw)
        models, result.trained, result.remarks = scorers.models, scorers.trained, scorers.remarks
    latest = result.panel.filter(pl.col("origin") == LATEST_ORIGIN)
    with result.step("scores"):
        result.scores = all_scores(models, latest, book, day, raw)
    with result.step("reasons"):
        described = describe(raw)
        result.reasons = pl.concat(reasons(model, latest, described) for model in models)
    headline = next(model for model in models if model.outcome == HEADLINE)
    with result.step("drift"):
        result.drift = input_drift(result.panel, headline, result.reasons)
    with result.step("recourse"):
        result.recourse = _recourse(headline, result, book, described, day, raw)
    with result.step("decisions"):
        result.standing = build_standing(result.scores, latest, listed, raw, indexed)
        result.decisions = ask_recourse(decide(result.standing, book, day), result.recourse, day)
        result.partners = decide_partners(result.standing, result.decisions, book, day)
        result.cautions = cautions(result.standing, book, day)
        result.rule_details = rule_details(book, day)
    with result.step("advice"):
        before = result.panel.filter(pl.col("origin") == LATEST_ORIGIN - 1)
        last_year = score(headline, before, rated_columns(before, raw)).select(LAST_YEAR)
        cuts, transfers = quadrant(book, day), rulebook_words(files)
        advice = advise(
            result.rule_details, result.cautions, result.recourse, result.partners, cuts, last_year, transfers
        )
    base_rates = {model.outcome: model.base_rate for model in models}
    record: RunRecord = {
        "decided_as_of": str(day),
        "base_rates": base_rates,
        "trained_to": {model.outcome: model.trained_to for model in models},
        "models": scorers.checksum,
        "seconds": result.seconds,
    }
    with result.step("outputs"):
        record |= _provenance(files, raw)
        publish(out, vars(result), base_rates, record, raw, advice, ledger, second, described, policy)
    return result


def _provenance(rulebook: RulebookFiles, raw: Path) -> RunRecord:
    return {
        "origin": LATEST_ORIGIN,
        "horizon_end": LATEST_ORIGIN + HORIZON_YEARS,
        "profile": PROFILE,
        "snapshot": checksum(raw),
        "rulebook": rulebook.checksum,
        "rules": rulebook.rules_checksum,
        "versions": {name: version(name) for name in LIBRARIES},
    }


def all_scores(models: Sequence[AnyModel], latest: pl.DataFrame, book: Rulebook, day: date, raw: Path) -> pl.DataFrame:
    """Every outcome's forecasts with partner, region, tier and rank, in the order of the contract."""
    levels = rated_columns(latest, raw)
    names = load_partners().select("iso3", "region", partner="name")
    made = pl.concat(score(model, latest, levels) for model in models).join(names, on="iso3", how="left")
    rank = pl.col("probability").rank("min", descending=True).over("outcome").cast(pl.Int64)
    return (
        made.with_columns(tier=tier_by_outcome(book, day), rank=rank)
        .select(
            "iso3", "partner", "region", "origin", "horizon_end", "outcome", "probability", "low", "high",
            "onset_probability", "status", "tier", "rank", "coverage", "model",
        )
        .sort("iso3", "outcome")
    )  # fmt: skip


def _recourse(
    model: AnyModel, result: Result, book: Rulebook, described: pl.DataFrame, day: date, raw: Path
) -> pl.DataFrame:
    """Which realistic improvements go with a lower tier of misuse."""
    labels = dict(described.select("feature", "label").iter_rows())
    starts = tier_starts(book, HEADLINE, day)
    return recourse(model, result.panel, result.scores.filter(outcome=HEADLINE), starts, labels, PROFILE, raw)
