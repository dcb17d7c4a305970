"""The package: triggers, checks, conditions, redlines, offramps and messages, each with what it rests on."""

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

# A page tells the law first, then the package, and last the checks.
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
# Kinds of advice that were tried before; the cases behind the others stand in the rulebook.
TRIED_KINDS = ("positive_condition", "redline", "offramp")
# Cases told in full for one piece of advice, so that a page can be read; the others are named and stand in the
# rulebook.
FULL_PRECEDENTS = 1
USE_LABELS = {"follows": "Follows", "warned_by": "Warned by"}


def describe_package(iso3: str, given: ReportInputs) -> Package:
    """The partner's decisions by kind, its cautions, and the sentences of recourse that no condition of it carries."""
    rows = given.decisions.get(iso3, [])
    carried = {row["benchmark_measure"] for row in rows}
    told = given.supplement.benchmarks.get(iso3, {})
    return {
        **group_by_kind(rows, given),
        "cautions": describe_cautions(iso3, given),
        "benchmarks": [told[measure] for measure in sorted(told) if measure not in carried],
    }


def group_by_kind(rows: Sequence[DecisionRow], given: ReportInputs) -> Plan:
    """Decisions by kind, each past case told once over all of them."""
    plan: Plan = {
        "trigger": _of_kind("trigger", rows, given),
        "check": _of_kind("check", rows, given),
        "positive_condition": _of_kind("positive_condition", rows, given),
        "redline": _of_kind("redline", rows, given),
        "offramp": _of_kind("offramp", rows, given),
        "message": _of_kind("message", rows, given),
    }
    _mark_repeats([item for kind in PACKAGE_ORDER for item in plan[kind]])
    return plan


def _of_kind(kind: Kind, rows: Sequence[DecisionRow], given: ReportInputs) -> list[Decision]:
    return [describe_decision(row, given) for row in rows if row["kind"] == kind]


def _mark_repeats(items: Sequence[Decision]) -> None:
    """Mark the cases that are only named: told already, in the order in which advice is read, or one too many."""
    seen = set()
    for item in items:
        told = 0
        for case in item["precedents"]:
            key = tuple(case[name] for name in TOLD)
            case["again"] = key in seen or told == FULL_PRECEDENTS
            if not case["again"]:
                seen.add(key)
                told += 1


def describe_decision(row: DecisionRow, given: ReportInputs) -> Decision:
    """One decision: why, what follows, and what it rests on."""
    extra = given.supplement.details.get(row["rule"]) or RuleDetails()
    follows, *limits = (row["unlocks"] or "").split("\n")
    # What the details say by name need not be said again.
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
        "benchmark": _describe_benchmark(measure, row, given) if (measure := row["benchmark_measure"]) else None,
        "way_out": row["unlocks"] if row["kind"] == "trigger" else None,
        "unlocks": follows if row["kind"] == "positive_condition" else None,
        "reference_status": REFERENCE_LABELS.get(row["reference_status"] or "", row["reference_status"]),
        "stands": [line for fact in facts for line in _describe_condition(fact, given)],
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


def describe_cautions(iso3: str, given: ReportInputs) -> list[Caution]:
    """What to beware of with this partner, each with the cases that taught it, which are only named."""
    return [
        {
            "title": item["title"],
            "because": item["because"],
            "precedents": describe_precedents(item.get("precedents") or (), again=True),
        }
        for item in given.supplement.cautions.get(iso3, ())
    ]


def describe_precedents(cases: Sequence[PrecedentCase], again: bool = False) -> list[Precedent]:
    """Past cases in words: what was asked of whom, what happened, the lesson; again: whether all are only named."""
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
    """A text as paragraphs and steps: parted at line breaks and before a number that follows a sentence."""
    return [line.strip() for line in STEP_BREAK.split(text or "") if line.strip()]


def _build_calendar(steps: Sequence[str]) -> list[Step]:
    """Steps that say when: 'Before the request: the minister hears it' as when and what."""
    found = [WHEN_PATTERN.fullmatch(step) for step in steps]
    return [
        {"when": match[1], "what": match[2][:1].upper() + match[2][1:]} if match else {"when": None, "what": step}
        for match, step in zip(found, steps, strict=True)
    ]


def _describe_benchmark(measure: str, row: DecisionRow, given: ReportInputs) -> Benchmark:
    now, asked = row["benchmark_now"], row["benchmark_asked"]
    return {
        "measure": _find_column_label(measure, given),
        "now": format_amount(now, None),
        "asked": format_amount(asked, None),
        "kept": now is not None and now == asked,
        "by": row["benchmark_by"],
        "past": given.supplement.benchmarks.get(row["iso3"], {}).get(measure),
    }


def _find_column_label(column: str, given: ReportInputs) -> str:
    known = given.labels.get(column)
    return known["label"] if known else find_fact_label(column) or format_name(column)


def _describe_rule_fact(fact: Evidence) -> SeenFact:
    years = fact.get("years") or {}
    dated = {name: f"{_format_value(value)} ({years.get(name) or 'undated'})" for name, value in fact["values"].items()}
    return {"fact": fact["fact"], "values": dated, "holds": HOLDS_LABELS[fact["holds"]]}


def _format_value(value: float | str | None, unit: str | None = None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else format_amount(value, unit)


def _describe_condition(fact: Evidence, given: ReportInputs) -> list[Stand]:
    """Where the partner stands on a condition, part by part where any part suffices and each can be said in words.

    That a rule leaves some partners out by name says nothing of where this one stands.
    """
    if list(fact["values"]) == ["iso3"]:
        return []
    parts = [part.strip() for part in fact["fact"].split(" OR ")]
    lines = [_parse_threshold(part, given) for part in parts]
    if None in lines:
        values = "; ".join(_format_value(value) for value in fact["values"].values())
        return [_build_fact_row(fact["fact"], values, fact, "as written")]
    return [_describe_condition_part(part, *line, fact, given) for part, line in zip(parts, lines, strict=True) if line]


def _describe_condition_part(part: str, column: str, line: str, fact: Evidence, given: ReportInputs) -> Stand:
    value = fact["values"].get(column)
    several = " (one such line is enough)" if " OR " in fact["fact"] else ""
    unit = _find_sentence_unit(column, given)
    # That a fact must be so, or more than nought, needs no line drawn.
    drawn = line + several if line not in ("yes", "no") and not part.endswith("> 0") else None
    year = (fact.get("years") or {}).get(column)
    return _build_fact_row(
        _find_column_label(column, given),
        _format_value(value, unit),
        fact,
        drawn,
        year,
        _describe_threshold_gap(part, value, unit),
    )


def _find_sentence_unit(column: str, given: ReportInputs) -> str | None:
    """The unit of a column where it fits into a sentence: dollars do, the ends of a scale do not."""
    known = given.labels.get(column)
    unit = known.get("unit", "") if known else ""
    return unit if "US dollars" in unit or "TIV" in unit else None


def _build_fact_row(
    what: str, now: str, fact: Evidence, line: str | None, year: int | None = None, gap: str | None = None
) -> Stand:
    return {"what": what, "now": now, "year": year, "line": line, "gap": gap, "holds": HOLDS_LABELS[fact["holds"]]}


def _parse_threshold(part: str, given: ReportInputs) -> tuple[str, str] | None:
    """The column of a condition and the line it draws, in words; none where it has another form."""
    if found := IN_PATTERN.fullmatch(part):
        return found[1], format_list([word.strip(" '") for word in found[2].split(",")], "or")
    if found := COMPARISON_PATTERN.fullmatch(part):
        return found[1], found[3] or THRESHOLD_TEXTS[found[2]].format(
            _format_value(float(found[4]), _find_sentence_unit(found[1], given))
        )
    if found := BETWEEN_PATTERN.fullmatch(part):
        return found[1], f"{found[2]} to {found[3]}"
    if found := COLUMN_PATTERN.fullmatch(part):
        return found[2], "no" if found[1] else "yes"
    return None


def _describe_threshold_gap(part: str, value: float | str | None, unit: str | None) -> str | None:
    """How far a number lies from the line a condition draws; above nought says no more than the number."""
    found = COMPARISON_PATTERN.fullmatch(part)
    if not found or not float(found[4] or 0) or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    gap = value - float(found[4])
    return f"{format_amount(abs(gap), unit)} {'above' if gap > 0 else 'below'} the line" if gap else "on the line"
