"""The package: triggers, checks, conditions, redlines, offramps and messages, each with what it rests on."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from risk.report.formatting import amount, listed, phrase
from risk.report.inputs import Given, Row
from risk.report.labels import HOLDS, REFERENCES, fact_label

KINDS = ("trigger", "check", "positive_condition", "redline", "offramp", "message")
# A page tells the law first, then the package, and last the checks.
IN_ORDER = ("positive_condition", "redline", "offramp", "message", "check")
STEPPED = ("redline", "offramp", "message")
STEP = re.compile(r"(?:\d{1,2}\.|[-•])\s+")
BEFORE_STEP = re.compile(r"\n+|(?<=[.?!])\s+(?=\d{1,2}\.\s)")
WHEN = re.compile(r"([^:]{3,80}):\s+(.+)", re.DOTALL)
IN = re.compile(r"(\w+) IN \((.+)\)")
COMPARED = re.compile(r"(\w+) (>=|<=|>|<|=) (?:'([^']+)'|(-?\d+(?:\.\d+)?))")
BETWEEN = re.compile(r"(\w+) BETWEEN (\S+) AND (\S+)")
COLUMN = re.compile(r"(NOT )?(\w+)")
LINES = {">=": "{} or more", "<=": "{} or less", ">": "more than {}", "<": "less than {}", "=": "{}"}
DETAILS = ("not_when", "judged_by", "switching_cost", "replaced_by", "how_often")
PRECEDENT = ("use", "partners", "years", "asked", "happened", "lesson", "source")
# Kinds of advice that were tried before; the cases behind the others stand in the rulebook.
TRIED = ("positive_condition", "redline", "offramp")
# Cases told in full for one piece of advice, so that a page can be read; the others are named and stand in the
# rulebook.
MOST_TOLD = 1
USES = {"follows": "Follows", "warned_by": "Warned by"}


def package(iso3: str, given: Given) -> Row:
    """The partner's decisions by kind, its cautions, and the sentences of recourse that no condition of it carries."""
    rows = given.decisions.get(iso3, [])
    carried = {row["benchmark_measure"] for row in rows}
    told = given.advice.benchmarks.get(iso3, {})
    return {
        **by_kind(rows, given),
        "cautions": cautions(iso3, given),
        "benchmarks": [told[measure] for measure in sorted(told) if measure not in carried],
    }


def by_kind(rows: Sequence[Row], given: Given) -> Row:
    """Decisions by kind, each past case told once over all of them."""
    plan: Row = {kind: [decision(row, given) for row in rows if row["kind"] == kind] for kind in KINDS}
    _mark_repeats([item for kind in IN_ORDER for item in plan[kind]])
    return plan


def _mark_repeats(items: Sequence[Row]) -> None:
    """Mark the cases that are only named: told already, in the order in which advice is read, or one too many."""
    seen = set()
    for item in items:
        told = 0
        for case in item["precedents"]:
            key = tuple(case[name] for name in PRECEDENT if name != "use")
            case["again"] = key in seen or told == MOST_TOLD
            if not case["again"]:
                seen.add(key)
                told += 1


def decision(row: Row, given: Given) -> Row:
    """One decision.

    title, id, rule, reference, as_of, reference_status (texts); refer: whether a person must settle it; paragraphs and
    steps: why, and what follows; calendar: when and what, for messages; benchmark: measure, now, asked, kept (the
    value asked is the value now), by and past (a sentence or none); way_out, unlocks: texts or none; stands: what,
    now, year, line, gap and holds (line and gap may be none), where the partner stands on each condition of the
    rule; facts: the same as the rule writes it; details: those of DETAILS that are known; programmes: texts;
    precedents: use, partners, years, asked, happened, lesson, source, again (only named: told elsewhere on the page,
    or one too many).
    """
    extra = given.advice.details.get(row["rule"], {})
    follows, *limits = (row["unlocks"] or "").split("\n")
    # What the details say by name need not be said again.
    beyond = [] if extra.get("not_when") else limits
    lines = _lines(row["because"]) + (_lines(follows) if row["kind"] in STEPPED else [])
    lines += beyond if row["kind"] in (*STEPPED, "positive_condition") else []
    steps = [STEP.sub("", line, count=1) for line in lines if STEP.match(line)]
    facts = json.loads(row["evidence"] or "[]")
    return {
        **{key: row[key] for key in ("title", "reference", "as_of")},
        "id": row["rule"],
        "rule": phrase(row["rule"]),
        "refer": row["result"] == "refer",
        "paragraphs": [line for line in lines if not STEP.match(line)],
        "steps": steps,
        "calendar": _calendar(steps) if row["kind"] == "message" else [],
        "benchmark": _benchmark(row, given) if row["benchmark_measure"] else None,
        "way_out": row["unlocks"] if row["kind"] == "trigger" else None,
        "unlocks": follows if row["kind"] == "positive_condition" else None,
        "reference_status": REFERENCES.get(row["reference_status"], row["reference_status"]),
        "stands": [line for fact in facts for line in _stands(fact, given)],
        "facts": [_fact(fact) for fact in facts],
        "details": {key: extra[key] for key in DETAILS if extra.get(key)},
        "programmes": list(extra.get("programmes") or ()),
        "precedents": precedents(extra.get("precedents") or ()) if row["kind"] in TRIED else [],
    }


def cautions(iso3: str, given: Given) -> list[Row]:
    """What to beware of with this partner, each with the cases that taught it, which are only named."""
    return [
        {
            "title": item["title"],
            "because": item["because"],
            "precedents": [case | {"again": True} for case in precedents(item.get("precedents") or ())],
        }
        for item in given.advice.cautions.get(iso3, ())
    ]


def precedents(cases: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Past cases in words: what was asked of whom, what happened, the lesson."""
    return [{key: _text(case.get(key)) for key in PRECEDENT} | {"use": USES[case["use"]]} for case in cases]


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else listed([str(part) for part in value])


def _lines(text: str | None) -> list[str]:
    """A text as paragraphs and steps: parted at line breaks and before a number that follows a sentence."""
    return [line.strip() for line in BEFORE_STEP.split(text or "") if line.strip()]


def _calendar(steps: Sequence[str]) -> list[Row]:
    """Steps that say when: 'Before the request: the minister hears it' as when and what."""
    found = [WHEN.fullmatch(step) for step in steps]
    return [
        {"when": match[1], "what": match[2][:1].upper() + match[2][1:]} if match else {"when": None, "what": step}
        for match, step in zip(found, steps, strict=True)
    ]


def _benchmark(row: Row, given: Given) -> Row:
    measure = row["benchmark_measure"]
    values = {key: amount(row[f"benchmark_{key}"], None) for key in ("now", "asked")}
    past = given.advice.benchmarks.get(row["iso3"], {}).get(measure)
    kept = row["benchmark_now"] is not None and row["benchmark_now"] == row["benchmark_asked"]
    return {"measure": _label(measure, given), **values, "kept": kept, "by": row["benchmark_by"], "past": past}


def _label(column: str, given: Given) -> str:
    known = given.labels.get(column)
    return known["label"] if known else fact_label(column) or phrase(column)


def _fact(fact: Row) -> Row:
    years = fact.get("years") or {}
    dated = {name: f"{_value(value)} ({years.get(name) or 'undated'})" for name, value in fact["values"].items()}
    return {"fact": fact["fact"], "values": dated, "holds": HOLDS[fact["holds"]]}


def _value(value: Any, unit: str | None = None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else amount(value, unit)


def _stands(fact: Row, given: Given) -> list[Row]:
    """Where the partner stands on a condition, part by part where any part suffices and each can be said in words.

    That a rule leaves some partners out by name says nothing of where this one stands.
    """
    if list(fact["values"]) == ["iso3"]:
        return []
    parts = [part.strip() for part in fact["fact"].split(" OR ")]
    lines = [_line(part, given) for part in parts]
    if None in lines:
        values = "; ".join(_value(value) for value in fact["values"].values())
        return [_stand(fact["fact"], values, fact) | {"year": None, "line": "as written"}]
    return [_part(part, *line, fact, given) for part, line in zip(parts, lines, strict=True) if line]


def _part(part: str, column: str, line: str, fact: Row, given: Given) -> Row:
    value = fact["values"].get(column)
    several = " (one such line is enough)" if " OR " in fact["fact"] else ""
    unit = _unit(column, given)
    # That a fact must be so, or more than nought, needs no line drawn.
    drawn = line + several if line not in ("yes", "no") and not part.endswith("> 0") else None
    dated = {"year": (fact.get("years") or {}).get(column), "line": drawn}
    return _stand(_label(column, given), _value(value, unit), fact) | dated | {"gap": _gap(part, value, unit)}


def _unit(column: str, given: Given) -> str | None:
    """The unit of a column where it fits into a sentence: dollars do, the ends of a scale do not."""
    unit = given.labels.get(column, {}).get("unit", "")
    return unit if "US dollars" in unit or "TIV" in unit else None


def _stand(what: str, now: str, fact: Row) -> Row:
    return {"what": what, "now": now, "gap": None, "holds": HOLDS[fact["holds"]]}


def _line(part: str, given: Given) -> tuple[str, str] | None:
    """The column of a condition and the line it draws, in words; none where it has another form."""
    if found := IN.fullmatch(part):
        return found[1], listed([word.strip(" '") for word in found[2].split(",")], "or")
    if found := COMPARED.fullmatch(part):
        return found[1], found[3] or LINES[found[2]].format(_value(float(found[4]), _unit(found[1], given)))
    if found := BETWEEN.fullmatch(part):
        return found[1], f"{found[2]} to {found[3]}"
    if found := COLUMN.fullmatch(part):
        return found[2], "no" if found[1] else "yes"
    return None


def _gap(part: str, value: Any, unit: str | None) -> str | None:
    """How far a number lies from the line a condition draws; above nought says no more than the number."""
    found = COMPARED.fullmatch(part)
    if not found or not float(found[4] or 0) or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    gap = value - float(found[4])
    return f"{amount(abs(gap), unit)} {'above' if gap > 0 else 'below'} the line" if gap else "on the line"
