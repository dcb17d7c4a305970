"""The inputs to the pages of one run, grouped by partner once; optional inputs default to empty."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import polars as pl

from risk.outputs.run_manifest import RunRecord
from risk.outputs.table_rows import (
    DecisionRow,
    MeasuredRow,
    PartnerRow,
    ReasonRow,
    RecordRow,
    ScoreRow,
    Standing,
    type_rows,
)
from risk.report.contracts.input_types import CautionWords, Label, LastYear, RuleDetails, SourceCard, TransferWords
from risk.report.contracts.shown_entries import ShownEntries

PartnerRowType = TypeVar("PartnerRowType", ScoreRow, DecisionRow, MeasuredRow, RecordRow)
SHOWN_REASONS, SHOWN_PART_REASONS = 12, 2


@dataclass(frozen=True)
class YearlySeries:
    """A yearly measure of all partners: the years it covers, and whether a year without a row counts as zero."""

    first: int
    last: int
    absent_is_zero: bool
    values: Mapping[str, Mapping[int, float]]


@dataclass(frozen=True)
class PartnerHistory:
    """Yearly measures by name, each partner's land neighbors, and the year each became a state."""

    series: Mapping[str, YearlySeries] = field(default_factory=dict)
    neighbors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportSupplement:
    """Optional content beyond the tables, as plain values that JSON can hold.

    details: by rule id; benchmarks: by iso3 and then measure, a sentence on what partners did in the past;
    leverage_reading: a sentence by iso3; cautions, last_year: by iso3.
    """

    details: Mapping[str, RuleDetails] = field(default_factory=dict)
    cautions: Mapping[str, Sequence[CautionWords]] = field(default_factory=dict)
    benchmarks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    leverage_reading: Mapping[str, str] = field(default_factory=dict)
    last_year: Mapping[str, LastYear] = field(default_factory=dict)
    transfers: TransferWords = field(default_factory=TransferWords)


@dataclass(frozen=True)
class EarlierRelease:
    """An earlier release of scores: its manifest (run.json), and by iso3 its partner and misuse rows."""

    manifest: RunRecord
    partners: Mapping[str, PartnerRow]
    scores: Mapping[str, ScoreRow]


@dataclass(frozen=True)
class RunContext:
    """What the tables of a run are read with; what there is none of is empty.

    rule_inputs, ledger_entries: by iso3; base_rates: how often each outcome followed on record, 0 to 1; labels: by
    feature; past_forecasts: the back-test's record of all outcomes.
    """

    rule_inputs: Mapping[str, Standing]
    base_rates: Mapping[str, float]
    sources: Sequence[SourceCard] = ()
    past_forecasts: pl.DataFrame | None = None
    labels: Mapping[str, Label] = field(default_factory=dict)
    history: PartnerHistory = field(default_factory=PartnerHistory)
    supplement: ReportSupplement = field(default_factory=ReportSupplement)
    earlier_release: EarlierRelease | None = None
    manifest: RunRecord = field(default_factory=RunRecord)
    ledger_entries: Mapping[str, ShownEntries] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportInputs:
    """All inputs to summaries: rows by iso3, and counts over all partners.

    reasons: the strongest by iso3 and outcome; effects: log-odds by iso3, outcome and theme; past_forecasts: of
    misuse; outcome_counts: by outcome and status, at past origins, how often the outcome followed and out of how many;
    labels: by feature; base_rates: by outcome, shares of one.
    """

    partners: Mapping[str, PartnerRow]
    scores: Mapping[str, list[ScoreRow]]
    decisions: Mapping[str, list[DecisionRow]]
    rule_inputs: Mapping[str, Standing]
    reasons: Mapping[tuple[str, str], list[ReasonRow]]
    effects: Mapping[tuple[str, str], dict[str, float]]
    fact_rows: Mapping[str, list[MeasuredRow]]
    rank_counts: Mapping[str, int]
    base_rates: Mapping[str, float]
    sources: Sequence[SourceCard]
    past_forecasts: Mapping[str, list[RecordRow]]
    outcome_counts: Mapping[tuple[str, str], tuple[int, int]]
    labels: Mapping[str, Label]
    history: PartnerHistory
    supplement: ReportSupplement
    earlier_release: EarlierRelease | None
    manifest: RunRecord
    ledger_entries: Mapping[str, ShownEntries]

    @classmethod
    def from_run(cls, tables: Mapping[str, pl.DataFrame], context: RunContext) -> "ReportInputs":
        """Group the tables of a run (scores, reasons, decisions, partners) by partner."""
        scores, reasons, past = tables["scores"], tables["reasons"], context.past_forecasts
        named: dict[str, Label] = {name: {"label": text, "source": ""} for name, text in _list_feature_labels(reasons)}
        return cls(
            partners={row["iso3"]: row for row in type_rows(tables["partners"], PartnerRow)},
            scores=_group_rows(type_rows(scores, ScoreRow)),
            decisions=_group_rows(type_rows(tables["decisions"], DecisionRow)),
            rule_inputs=context.rule_inputs,
            reasons=_select_shown_reasons(reasons),
            effects=_sum_theme_effects(reasons),
            fact_rows=_group_rows(type_rows(_select_measured_facts(reasons, context.rule_inputs), MeasuredRow)),
            rank_counts=dict(scores.group_by("outcome").agg(pl.col("rank").count()).iter_rows()),
            base_rates=context.base_rates,
            sources=context.sources,
            past_forecasts={} if past is None else _group_misuse_forecasts(past),
            outcome_counts={} if past is None else _count_status_outcomes(past),
            labels=named | dict(context.labels),
            history=context.history,
            supplement=context.supplement,
            earlier_release=context.earlier_release,
            manifest=context.manifest,
            ledger_entries=context.ledger_entries,
        )


def _group_rows(rows: Sequence[PartnerRowType]) -> dict[str, list[PartnerRowType]]:
    groups: dict[str, list[PartnerRowType]] = {}
    for row in rows:
        groups.setdefault(row["iso3"], []).append(row)
    return groups


def _group_misuse_forecasts(record: pl.DataFrame) -> dict[str, list[RecordRow]]:
    return _group_rows(type_rows(record.filter(outcome="misuse").sort("origin"), RecordRow))


def _list_feature_labels(reasons: pl.DataFrame) -> list[tuple[str, str]]:
    return reasons.select("feature", "label").unique(maintain_order=True).rows()


def _select_shown_reasons(reasons: pl.DataFrame) -> dict[tuple[str, str], list[ReasonRow]]:
    """Select the strongest reasons, fewer for the components of misuse."""
    shown = pl.when(pl.col("outcome") == "misuse").then(SHOWN_REASONS).otherwise(SHOWN_PART_REASONS)
    heaviest = reasons.filter(pl.col("position").rank("ordinal").over("iso3", "outcome") <= shown)
    groups: dict[tuple[str, str], list[ReasonRow]] = {}
    for row in type_rows(heaviest.sort("iso3", "outcome", "position"), ReasonRow):
        groups.setdefault((row["iso3"], row["outcome"]), []).append(row)
    return groups


def _sum_theme_effects(reasons: pl.DataFrame) -> dict[tuple[str, str], dict[str, float]]:
    """Sum exactly by theme, since float sums in another row order would differ in their last digits."""
    by_theme = reasons.group_by("iso3", "outcome", "theme", maintain_order=True).agg("contribution_logodds")
    groups: dict[tuple[str, str], dict[str, float]] = {}
    for iso3, outcome, theme, parts in by_theme.iter_rows():
        groups.setdefault((iso3, outcome), {})[theme] = math.fsum(parts)
    return groups


def _select_measured_facts(reasons: pl.DataFrame, rule_inputs: Mapping[str, Standing]) -> pl.DataFrame:
    """Select each measured fact once; a derived feature has no age of its own, and its gaps are its measure's."""
    aged = {name.removesuffix("_age") for name in set[str]().union(*rule_inputs.values()) if name.endswith("_age")}
    own = reasons.filter(pl.col("feature").is_in(sorted(aged)))
    return own.unique(["iso3", "feature"], keep="first", maintain_order=True).select(
        "iso3", "label", "value", "value_year"
    )


def _count_status_outcomes(past: pl.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    known = past.filter(pl.col("observed").is_not_null()).group_by("outcome", "status")
    counts = known.agg(hits=pl.col("observed").sum(), cases=pl.len())
    return {(outcome, status): (hits, cases) for outcome, status, hits, cases in counts.iter_rows()}
