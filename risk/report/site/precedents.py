"""All past cases that rules follow or are warned by, told once, for the pages that only name them."""

from risk.report.contracts.case import CasesPage, PastCase
from risk.report.contracts.plan import Precedent
from risk.report.formatting import format_name
from risk.report.inputs import ReportInputs
from risk.report.partner.decisions import TOLD, describe_precedents
from risk.report.partner.summary import read_footer


def summarize_precedents(given: ReportInputs) -> CasesPage:
    """All that the page of cases says, by partner, year and what was asked."""
    rules: dict[tuple[str | None, ...], list[str]] = {}
    cases: dict[tuple[str | None, ...], Precedent] = {}
    for rule in sorted(given.supplement.details):
        for case in describe_precedents(given.supplement.details[rule].get("precedents") or ()):
            told = tuple(case[key] for key in TOLD)
            use = "follows" if case["use"] == "Follows" else "is warned"
            cases.setdefault(told, case)
            rules.setdefault(told, []).append(f"{format_name(rule)} ({use})")
    rows = [_row(cases[told], names) for told, names in rules.items()]
    return {
        **read_footer(given),
        "cases": sorted(rows, key=lambda row: (row["partners"], row["years"] or "", row["asked"] or "")),
    }


def _row(case: Precedent, rules: list[str]) -> PastCase:
    return {
        "partners": case["partners"],
        "years": case["years"],
        "asked": case["asked"],
        "happened": case["happened"],
        "lesson": case["lesson"],
        "source": case["source"],
        "rules": "; ".join(dict.fromkeys(rules)),
    }
