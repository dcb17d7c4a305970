"""The page of precedents that rules follow or are warned by, each described once."""

from risk.report.contracts.case import CasesPage, PastCase
from risk.report.contracts.plan import Precedent
from risk.report.formatting import format_name
from risk.report.inputs import ReportInputs
from risk.report.partner.decisions import TOLD, describe_precedents
from risk.report.partner.summary import read_footer


def summarize_precedents(inputs: ReportInputs) -> CasesPage:
    """Summarize all precedents for their page, by partner, year and what was asked."""
    rules: dict[tuple[str | None, ...], list[str]] = {}
    cases: dict[tuple[str | None, ...], Precedent] = {}
    for rule in sorted(inputs.supplement.details):
        for case in describe_precedents(inputs.supplement.details[rule].get("precedents") or ()):
            case_key = tuple(case[key] for key in TOLD)
            use = "follows" if case["use"] == "Follows" else "is warned"
            cases.setdefault(case_key, case)
            rules.setdefault(case_key, []).append(f"{format_name(rule)} ({use})")
    rows = [_row(cases[key], names) for key, names in rules.items()]
    return {
        **read_footer(inputs),
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
