"""Page content on each partner beyond the tables: rule details, cautions, recourse, leverage, last year."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import polars as pl

from features.bad_input import BadInput
from features.files.untrusted import parse_json
from risk.outputs.table_rows import CautionRow, RecourseRow, type_rows
from risk.report.contracts.input_types import CautionWords, LastYear, RuleDetails, TransferWords
from risk.report.formatting import format_interval, format_percent
from risk.report.inputs import ReportSupplement
from risk.rules.rulebook import PostureMatrix

LEVERAGE_UNKNOWN = "Leverage is not known: promise and threaten nothing that rests on it."
CONDITIONS_CREDIBLE = "conditions are credible."
FEW_CONDITIONS_CREDIBLE = "conditions are credible where they are few and rest on what only the United States supplies."
TIES_LOOSENING = (
    "conditions bite while the partner still needs American support; take small steps and expect substitution."
)
WALK_AWAY = "take small steps, offer substitutes, and be ready to walk away."


def build_supplement(
    details: Mapping[str, RuleDetails],
    cautions: pl.DataFrame,
    recourse: pl.DataFrame,
    partners: pl.DataFrame,
    cuts: PostureMatrix,
    last_year: pl.DataFrame,
    transfers: TransferWords | None = None,
) -> ReportSupplement:
    """Build the supplement by rule or partner.

    details: by rule and caution ID; cautions, recourse, partners: the output tables; cuts: the day's cutoffs;
    last_year: iso3, origin, probability, low, high of misuse from data one year earlier;
    transfers: the transfer tables as plain values, see risk.cases.tables.texts.
    """
    readings = {
        iso3: describe_leverage(leverage, hedging, cuts)
        for iso3, leverage, hedging in partners.select("iso3", "leverage", "hedging").iter_rows()
    }
    return ReportSupplement(
        details=details,
        cautions=_group_cautions(cautions, details),
        benchmarks=_group_benchmarks(recourse),
        leverage_reading=readings,
        last_year={row.pop("iso3"): cast(LastYear, row) for row in last_year.to_dicts()},
        transfers=transfers or TransferWords(),
    )


def read_supplement(path: Path) -> ReportSupplement:
    """Read the supplement saved by the last run; raises BadInput if it cannot be read."""
    try:
        return ReportSupplement(**parse_json(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        raise BadInput(f"{path}: cannot be read; run `make score` again") from None


def _group_cautions(rows: pl.DataFrame, details: Mapping[str, RuleDetails]) -> dict[str, list[CautionWords]]:
    cautions: dict[str, list[CautionWords]] = {}
    for row in type_rows(rows, CautionRow):
        rule = details.get(row["caution"]) or RuleDetails()
        cases = rule.get("precedents", [])
        cautions.setdefault(row["iso3"], []).append(
            {"title": row["title"], "because": row["because"], "precedents": cases}
        )
    return cautions


def _group_benchmarks(recourse: pl.DataFrame) -> dict[str, dict[str, str]]:
    """Write a sentence per route, keyed by its measures, for the page to match with conditions."""
    sentences: dict[str, dict[str, str]] = {}
    for (iso3, _), rows in recourse.group_by("iso3", "route", maintain_order=True):
        key = "+".join(measure or "" for measure in rows["measure"])
        sentences.setdefault(str(iso3), {})[key] = describe_recourse(type_rows(rows, RecourseRow))
    return sentences


def describe_leverage(leverage: float | None, hedging: float | None, cuts: PostureMatrix) -> str:
    """Describe in one sentence what the two indices (0 to 100, or unknown) allow, by the rulebook's cutoffs."""
    if leverage is None:
        return LEVERAGE_UNKNOWN
    high, low = leverage >= cuts.leverage_high_from, leverage < cuts.leverage_low_below
    heavy = hedging is not None and hedging >= cuts.hedging_heavy_from
    level = "high" if high else "low" if low else "middling"
    conjunction = "but" if high and heavy else "and"
    return (
        f"Leverage is {level} ({leverage:.3g} of 100) {conjunction} {_describe_hedging(hedging, cuts)}: "
        f"{_describe_credibility(high, low, heavy)}"
    )


def _describe_hedging(hedging: float | None, cuts: PostureMatrix) -> str:
    if hedging is None:
        return "hedging is not known"
    if hedging >= cuts.hedging_heavy_from:
        return f"hedging is heavy ({hedging:.3g})"
    little = hedging < cuts.hedging_heavy_from / 2
    return f"there is {'little' if little else 'some'} hedging ({hedging:.3g})"


def _describe_credibility(high: bool, low: bool, heavy: bool) -> str:
    if high:
        return TIES_LOOSENING if heavy else CONDITIONS_CREDIBLE
    return WALK_AWAY if low or heavy else FEW_CONDITIONS_CREDIBLE


def describe_recourse(rows: Sequence[RecourseRow]) -> str:
    """Describe a route in one sentence; `rows` are its rows in out/recourse.parquet, one per measure."""
    first = rows[0]
    before, after = format_percent(first["probability_before"]), format_percent(first["probability_after"])
    if first["measure"] is None:
        return f"No realistic improvement in the measures looked at goes with less than the {before} it has now."
    lower = first["tier_after"] != first["tier_before"]
    tier = f"{first['tier_after']}, not {first['tier_before']}" if lower else f"{first['tier_before']}, as now"
    opening = "In the past" if lower else "No realistic improvement goes with a lower tier; at best, in the past"
    return (
        f"{opening}, partners like this one but with {' and '.join(map(_format_improvement, rows))} went on "
        f"to misuse in an "
        f"estimated {after} of cases ({format_interval(first['low_after'], first['high_after'])}), against "
        f"{before} as it "
        f"stands: {tier}; {first['seen_elsewhere']} of {first['started_alike']} other partners once near such "
        f"levels improved as much within {first['within_years']} years."
    )


def _format_improvement(row: RecourseRow) -> str:
    label = row["label"][:1].lower() + row["label"][1:]
    stop = "," if "," in label else ""
    return f"{label}{stop} at {row['asked']:.3g} ({row['now']:.3g} in {row['now_year']})"
