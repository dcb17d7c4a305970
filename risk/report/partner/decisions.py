"""The package: triggers, checks, conditions, redlines, offramps and messages, each with its basis."""

import json
import re
from collections.abc import Sequence

from risk.outputs.table_rows import DecisionRow, Evidence, Kind
from risk.report.contracts.input_types import DetailKey, Details, PrecedentCase, RuleDetails
from risk.report.contracts.plan import (
    AfterLaw,
    Benchmark,
    CaseText,
    Caution,
    Decision,
    Package,
    Plan,
    Precedent,
    SeenFact,
    Stand,
    Step,
)
from risk.report.formatting import format_amount, format_list, format_name
from risk.report.inputs import ReportInputs
from risk.report.labels import HOLDS_LABELS, REFERENCE_LABELS, find_fact_label

# A page shows the law first, then the package, and the checks last.
PACKAGE_ORDER: tuple[AfterLaw, ...] = ("positive_condition", "redline", "offramp", "message", "check")
STEPPED_KINDS = ("redline", "offramp", "message")
STEP_PATTERN = re.compile(r"(?:\d{1,2}\.|[-•])\s+")
STEP_BREAK = re.compile(r"\n+|(?<=[.?!])\s+(?=\d{1,2}\.\s)")
WHEN_PATTERN = re.compile(r"([^:]{3,80}):\s+(.+)", re.DOTALL)
IN_PATTERN = re.compile(r"(\w+) IN \((.+)\)")
COMPARISON_PATTERN = re.compile(r"(\w+) (>=|<=|>|<|=) (?:'([^']+)'|(-?\d+(?:\.\d+)?))")
BETWEEN_PATTERN = re.compile(r"(\w+) BETWEEN (\S+) AND (\S+)")
COLUMN_PATTERN = re.compile(r"(NOT )?(\w+)")
THRESHOLD_TEXTS = {">=": "{} or more", "<=": "{} or less", ">": "more than {}", "<": "less than {}", "=": "{}"}
DETAIL_KEYS: tuple[DetailKey, ...] = ("not_when", "judged_by", "switching_cost", "replaced_by", "how_often")
TOLD: tuple[CaseText, ...] = ("partners", "years", "asked", "happened", "lesson", "source")
# Kinds of advice that show their precedents; those of the other kinds are only in the rulebook.
TRIED_KINDS = ("positive_condition", "redline", "offramp")
# Precedents shown in full per piece of advice, to keep pages readable; the others are only named.
FULL_PRECEDENTS = 1
USE_LABELS = {"follows": "Follows", "warned_by": "Warned by"}


def describe_package(iso3: str, inputs: ReportInputs) -> Package:
    """Describe the partner's decisions by kind, its cautions, and recourse sentences not shown with a condition."""
    rows = inputs.decisions.get(iso3, [])
    measures = {row["benchmark_measure"] for row in rows}
    benchmarks = inputs.supplement.benchmarks.get(iso3, {})
    return {
        **group_by_kind(rows, inputs),
        "cautions": describe_cautions(iso3, inputs),
        "benchmarks": [benchmarks[measure] for measure in sorted(benchmarks) if measure not in measures],
    }


def group_by_kind(rows: Sequence[DecisionRow], inputs: ReportInputs) -> Plan:
    """Group decisions by kind, each precedent shown in full once across all of them."""
    plan: Plan = {
        "trigger": _of_kind("trigger", rows, inputs),
        "check": _of_kind("check", rows, inputs),
        "positive_condition": _of_kind("positive_condition", rows, inputs),
        "redline": _of_kind("redline", rows, inputs),
        "offramp": _of_kind("offramp", rows, inputs),
        "message": _of_kind("message", rows, inputs),
    }
    _mark_repeats([item for kind in PACKAGE_ORDER for item in plan[kind]])
    return plan


def _of_kind(kind: Kind, rows: Sequence[DecisionRow], inputs: ReportInputs) -> list[Decision]:
    return [describe_decision(row, inputs) for row in rows if row["kind"] == kind]


def _mark_repeats(items: Sequence[Decision]) -> None:
    """Mark precedents that are only named: shown in full already, in reading order, or above the limit."""
    seen = set()
    for item in items:
        full_count = 0
        for case in item["precedents"]:
            key = tuple(case[name] for name in TOLD)
            case["again"] = key in seen or full_count == FULL_PRECEDENTS
            if not case["again"]:
                seen.add(key)
                full_count += 1


def describe_decision(row: DecisionRow, inputs: ReportInputs) -> Decision:
    """Describe one decision: why, what follows, and its basis."""
    extra = inputs.supplement.details.get(row["rule"]) or RuleDetails()
    follows, *limits = (row["unlocks"] or "").split("\n")
    # The details already include the limits.
    beyond = [] if extra.get("not_when") else limits
    lines = _split_lines(row["because"]) + (_split_lines(follows) if row["kind"] in STEPPED_KINDS else [])
    lines += beyond if row["kind"] in (*STEPPED_KINDS, "positive_condition") else []
    steps = [STEP_PATTERN.sub("", line, count=1) for line in lines if STEP_PATTERN.match(line)]
    facts: list[Evidence] = json.loads(row["evidence"] or "[]")
    return {
        "title": row["title"],
        "reference": row["reference"],
        "as_of": row["as_of"],
        "id": row["rule"],
        "rule": format_name(row["rule"]),
        "refer": row["result"] == "refer",
        "paragraphs": [line for line in lines if not STEP_PATTERN.match(line)],
        "steps": steps,
        "calendar": _build_calendar(steps) if row["kind"] == "message" else [],
        "benchmark": _describe_benchmark(measure, row, inputs) if (measure := row["benchmark_measure"]) else None,
        "way_out": row["unlocks"] if row["kind"] == "trigger" else None,
        "unlocks": follows if row["kind"] == "positive_condition" else None,
        "reference_status": REFERENCE_LABELS.get(row["reference_status"] or "", row["reference_status"]),
        "stands": [line for fact in facts for line in _describe_condition(fact, inputs)],
        "facts": [_describe_rule_fact(fact) for fact in facts],
        "details": _details(extra),
        "programmes": list(extra.get("programmes") or ()),
        "precedents": describe_precedents(extra.get("precedents") or ()) if row["kind"] in TRIED_KINDS else [],
    }


def _details(extra: RuleDetails) -> Details:
    known: Details = {}
    for key in DETAIL_KEYS:
        if extra.get(key):
            known[key] = extra[key]
    return known


def describe_cautions(iso3: str, inputs: ReportInputs) -> list[Caution]:
    """Describe the cautions for this partner, each with its precedents, which are only named."""
    return [
        {
            "title": item["title"],
            "because": item["because"],
            "precedents": describe_precedents(item.get("precedents") or (), again=True),
        }
        for item in inputs.supplement.cautions.get(iso3, ())
    ]


def describe_precedents(cases: Sequence[PrecedentCase], again: bool = False) -> list[Precedent]:
    """Describe precedents: what was asked of whom, what happened, the lesson; again: whether all are only named."""
    return [
        {
            "use": USE_LABELS[case["use"]],
            "partners": _format_text(case.get("partners")),
            "years": case.get("years"),
            "asked": case.get("asked"),
            "happened": case.get("happened"),
            "lesson": case.get("lesson"),
            "source": case.get("source"),
            "again": again,
        }
        for case in cases
    ]


def _format_text(value: Sequence[str] | str | None) -> str | None:
    return value if value is None or isinstance(value, str) else format_list([str(part) for part in value])


def _split_lines(text: str | None) -> list[str]:
    """Split a text into paragraphs and steps: at line breaks and before a number that follows a sentence."""
    return [line.strip() for line in STEP_BREAK.split(text or "") if line.strip()]


def _build_calendar(steps: Sequence[str]) -> list[Step]:
    """Split dated steps, such as 'Before the request: the minister hears it', into when and what."""
    matches = [WHEN_PATTERN.fullmatch(step) for step in steps]
    return [
        {"when": match[1], "what": match[2][:1].upper() + match[2][1:]} if match else {"when": None, "what": step}
        for match, step in zip(matches, steps, strict=True)
    ]


def _describe_benchmark(measure: str, row: DecisionRow, inputs: ReportInputs) -> Benchmark:
    now, target = row["benchmark_now"], row["benchmark_asked"]
    return {
        "measure": _find_column_label(measure, inputs),
        "now": format_amount(now, None),
        "asked": format_amount(target, None),
        "kept": now is not None and now == target,
        "by": row["benchmark_by"],
        "past": inputs.supplement.benchmarks.get(row["iso3"], {}).get(measure),
    }


def _find_column_label(column: str, inputs: ReportInputs) -> str:
    known = inputs.labels.get(column)
    return known["label"] if known else find_fact_label(column) or format_name(column)


def _describe_rule_fact(fact: Evidence) -> SeenFact:
    years = fact.get("years") or {}
    values = {
        name: f"{_format_value(value)} ({years.get(name) or 'undated'})" for name, value in fact["values"].items()
    }
    return {"fact": fact["fact"], "values": values, "holds": HOLDS_LABELS[fact["holds"]]}


def _format_value(value: float | str | None, unit: str | None = None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else format_amount(value, unit)


def _describe_condition(fact: Evidence, inputs: ReportInputs) -> list[Stand]:
    """Describe a condition's values for the partner, part by part if any part suffices and all can be put in words.

    A condition that only excludes partners by name is skipped, since it has no measured value.
    """
    if list(fact["values"]) == ["iso3"]:
        return []
    parts = [part.strip() for part in fact["fact"].split(" OR ")]
    lines = [_parse_threshold(part, inputs) for part in parts]
    if None in lines:
        values = "; ".join(_format_value(value) for value in fact["values"].values())
        return [_build_fact_row(fact["fact"], values, fact, "as written")]
    return [
        _describe_condition_part(part, *line, fact, inputs) for part, line in zip(parts, lines, strict=True) if line
    ]


def _describe_condition_part(part: str, column: str, line: str, fact: Evidence, inputs: ReportInputs) -> Stand:
    value = fact["values"].get(column)
    several = " (one such line is enough)" if " OR " in fact["fact"] else ""
    unit = _find_sentence_unit(column, inputs)
    # A flag, or a threshold of zero, needs no line.
    threshold = line + several if line not in ("yes", "no") and not part.endswith("> 0") else None
    year = (fact.get("years") or {}).get(column)
    return _build_fact_row(
        _find_column_label(column, inputs),
        _format_value(value, unit),
        fact,
        threshold,
        year,
        _describe_threshold_gap(part, value, unit),
    )


def _find_sentence_unit(column: str, inputs: ReportInputs) -> str | None:
    """Find a column's unit if it fits into a sentence: dollars and TIV do, the ends of a scale do not."""
    known = inputs.labels.get(column)
    unit = known.get("unit", "") if known else ""
    return unit if "US dollars" in unit or "TIV" in unit else None


def _build_fact_row(
    what: str, now: str, fact: Evidence, line: str | None, year: int | None = None, gap: str | None = None
) -> Stand:
    return {"what": what, "now": now, "year": year, "line": line, "gap": gap, "holds": HOLDS_LABELS[fact["holds"]]}


def _parse_threshold(part: str, inputs: ReportInputs) -> tuple[str, str] | None:
    """Parse the column of a condition and its threshold in words; None if it has another form."""
    if match := IN_PATTERN.fullmatch(part):
        return match[1], format_list([word.strip(" '") for word in match[2].split(",")], "or")
    if match := COMPARISON_PATTERN.fullmatch(part):
        return match[1], match[3] or THRESHOLD_TEXTS[match[2]].format(
            _format_value(float(match[4]), _find_sentence_unit(match[1], inputs))
        )
    if match := BETWEEN_PATTERN.fullmatch(part):
        return match[1], f"{match[2]} to {match[3]}"
    if match := COLUMN_PATTERN.fullmatch(part):
        return match[2], "no" if match[1] else "yes"
    return None


def _describe_threshold_gap(part: str, value: float | str | None, unit: str | None) -> str | None:
    """Describe how far a number is from a condition's threshold; None for a threshold of zero."""
    match = COMPARISON_PATTERN.fullmatch(part)
    if not match or not float(match[4] or 0) or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    gap = value - float(match[4])
    return f"{format_amount(abs(gap), unit)} {'above' if gap > 0 else 'below'} the line" if gap else "on the line"
