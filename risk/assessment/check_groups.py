"""Merges checks that one office answers from one record if a partner would otherwise get too many lines."""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby

from risk.outputs.table_rows import DecisionRow
from risk.rules.interactions import CheckGroup

MOST_LINES = 12


def group_checks(
    lines: Sequence[DecisionRow], entries: Sequence[CheckGroup], most: int = MOST_LINES
) -> list[DecisionRow]:
    """Merge checks, one entry after another, until no partner has more than `most` lines of a kind.

    lines: ordered by partner and kind. Nothing is dropped: every question, reason, fact and reference is kept.
    """
    grouped: list[DecisionRow] = []
    for _, group in groupby(lines, key=lambda line: (line["iso3"], line["kind"])):
        same_kind = list(group)
        for entry in entries:
            if len(same_kind) > most:
                same_kind = _apply_group(same_kind, entry)
        grouped += same_kind
    return grouped


def _apply_group(lines: Sequence[DecisionRow], entry: CheckGroup) -> list[DecisionRow]:
    members = [line for name in entry.checks for line in lines if line["rule"] == name]
    if len(members) < 2:
        return list(lines)
    return [_merge_lines(members, entry) if line is members[0] else line for line in lines if line not in members[1:]]


def _merge_lines(members: Sequence[DecisionRow], entry: CheckGroup) -> DecisionRow:
    """Merge lines into one: referred if any is, dated as the oldest reading, confirmed if all are."""
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
    """Mark questions that only may arise if the group also has certain ones."""
    return f"To be looked up: {line['title']}" if len(results) > 1 and line["result"] == "refer" else str(line["title"])


def _number_texts(texts: Iterable[str]) -> str:
    return " ".join(f"({number}) {text}" for number, text in enumerate(texts, start=1))
