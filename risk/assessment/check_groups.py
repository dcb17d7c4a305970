"""Checks that one office answers from one record: joined into one line where a partner would get too many lines."""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby

from risk.outputs.table_rows import DecisionRow
from risk.rules.interactions import CheckGroup

MOST_LINES = 12


def group_checks(
    lines: Sequence[DecisionRow], entries: Sequence[CheckGroup], most: int = MOST_LINES
) -> list[DecisionRow]:
    """The lines with checks joined, entry after entry, until no partner has more than `most` lines of a kind.

    lines: in the order of partner and kind. Nothing is dropped: every question, reason, fact and reference is kept.
    """
    made: list[DecisionRow] = []
    for _, group in groupby(lines, key=lambda line: (line["iso3"], line["kind"])):
        alike = list(group)
        for entry in entries:
            if len(alike) > most:
                alike = _apply_group(alike, entry)
        made += alike
    return made


def _apply_group(lines: Sequence[DecisionRow], entry: CheckGroup) -> list[DecisionRow]:
    members = [line for name in entry.checks for line in lines if line["rule"] == name]
    if len(members) < 2:
        return list(lines)
    return [_merge_lines(members, entry) if line is members[0] else line for line in lines if line not in members[1:]]


def _merge_lines(members: Sequence[DecisionRow], entry: CheckGroup) -> DecisionRow:
    """One line for all: to be looked up if any is, as old as the oldest reading, confirmed if all are."""
    results, statuses = ({line[key] for line in members} for key in ("result", "reference_status"))
    facts = {json.dumps(fact): fact for line in members for fact in json.loads(line["evidence"])}
    return {
        **members[0],
        "result": "refer" if "refer" in results else "applies",
        "title": _number_texts(_format_check_title(line, results) for line in members),
        "because": f"{entry.because} {_number_texts(line['because'] for line in members)}",
        "evidence": json.dumps(list(facts.values()), ensure_ascii=False, default=str),
        "reference": "; ".join(dict.fromkeys(line["reference"] for line in members)),
        "as_of": min(line["as_of"] for line in members),
        "reference_status": "verify" if "verify" in statuses else "confirmed",
    }


def _format_check_title(line: DecisionRow, results: set[str]) -> str:
    """Where some questions arise for certain and others perhaps, the latter are marked."""
    return f"To be looked up: {line['title']}" if len(results) > 1 and line["result"] == "refer" else str(line["title"])


def _number_texts(texts: Iterable[str]) -> str:
    return " ".join(f"({number}) {text}" for number, text in enumerate(texts, start=1))
