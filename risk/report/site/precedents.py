"""All past cases that rules follow or are warned by, told once, for the pages that only name them."""

from typing import Any

from risk.report.formatting import phrase
from risk.report.inputs import Given, Row
from risk.report.partner.decisions import precedents


def cases_summary(given: Given) -> Row:
    """All that the page of cases says.

    origin, horizon, decided; cases, sorted: partners, years, asked, happened, lesson, source and rules (texts).
    """
    rules: dict[tuple[Any, ...], list[str]] = {}
    for rule in sorted(given.advice.details):
        for case in precedents(given.advice.details[rule].get("precedents") or ()):
            told = tuple((key, value) for key, value in sorted(case.items()) if key != "use")
            use = "follows" if case["use"] == "Follows" else "is warned"
            rules.setdefault(told, []).append(f"{phrase(rule)} ({use})")
    rows: list[Row] = [dict(told) | {"rules": "; ".join(dict.fromkeys(names))} for told, names in rules.items()]
    score = next(iter(given.scores.values()))[0]
    return {
        "origin": score["origin"],
        "horizon": f"{score['origin'] + 1}–{score['horizon_end']}",
        "decided": given.record.get("decided_as_of"),
        "cases": sorted(rows, key=lambda row: (row["partners"], row["years"] or "", row["asked"] or "")),
    }
