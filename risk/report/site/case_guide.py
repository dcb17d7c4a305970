"""The page on case review: the command, the fields of a case, and the misuse scores of items and users."""

from collections.abc import Mapping, Sequence
from typing import Literal

from risk.report.contracts.case import Choice, FieldLine, MisuseLine, ReviewPage
from risk.report.contracts.input_types import TransferEntry
from risk.report.formatting import format_list
from risk.report.inputs import ReportInputs
from risk.report.memo.wording import RISK_NAMES, SCORE_SCALE, SCORE_WARNING, SHORT_RISK_NAMES
from risk.report.partner.summary import read_footer

COMMAND_TEXTS = (
    ("risk case my_case.yaml --format all", "One case, with its memo as a page, as Word and as PDF."),
    ("risk case licences.csv", "Many cases, one a row, from CSV or Parquet: a table of results."),
    ("risk case licences.parquet --strict", "The same, but stop at the first row that cannot be used."),
)
# Name, whether required, accepted values, meaning; an accepted value in braces names a table below.
FIELD_TEXTS = (
    ("id", True, "1 to 80 letters, digits, dots, hyphens or underscores", "Names the case and its memo."),
    ("partner", True, "three capital letters (ISO3)", "The country that receives, such as EGY."),
    ("programme", True, "{programme}", "How it reaches the partner."),
    ("item", True, "{item}", "A category of the US Munitions List, CC, ENG, or a SIPRI category."),
    ("quantity", False, "whole number from 1, or empty", "How many, where that is known."),
    ("value_usd", False, "dollars from 1, without separators, or empty", "Whether Congress is notified turns on it."),
    ("end_user", True, "{user}", "Who will hold it."),
    ("objective", True, "{objective}", "What it is for. Another one is written other: and then the words."),
    ("gap", True, "text, at most 2,000 bytes", "The gap in plans that it closes, in words of its own."),
    ("support_years", False, "years from 0 to 60, or empty", "How long spares, data and technicians will be needed."),
    ("proposed", True, "day, such as 2026-11-01", "When it was, or is to be, proposed."),
    (
        "major_defense_equipment",
        False,
        "yes, no, or empty where it is not known",
        "Its thresholds of notification are lower.",
    ),
    ("use_terms", False, "true, false or empty", "Whether terms of use are in writing."),
    ("serial_audit", False, "true, false or empty", "Whether every item is counted by serial number."),
    (
        "sustainment_hold",
        False,
        "true, false or empty",
        "Whether spares can be held back. The three lower a pair by 1.",
    ),
    ("note", False, "text, at most 2,000 bytes, or empty", "Anything else; it is carried to the memo."),
)
SAMPLE_CASE = """\
id: EGY-helicopters
partner: EGY
programme: fmf
item: VIIIb
quantity: 10
value_usd: 340000000
end_user: air_force
objective: counter_terrorism
gap: Two battalions in North Sinai cannot be resupplied at night beyond 60 km from El Arish
support_years: 10
proposed: 2026-11-01
major_defense_equipment: true
"""
CHOICE_HEADINGS: Mapping[Literal["programme", "objective"], str] = {
    "programme": "Programmes",
    "objective": "Objectives",
}
SCORE_HEADINGS: Mapping[Literal["item", "user"], str] = {"item": "Items", "user": "End users"}
HEADINGS: Mapping[str, str] = dict([*CHOICE_HEADINGS.items(), *SCORE_HEADINGS.items()])


def summarize_review(inputs: ReportInputs) -> ReviewPage:
    """Summarize case review for its page."""
    transfer_texts = inputs.supplement.transfers
    return {
        **read_footer(inputs),
        "warning": transfer_texts.get("warning") or SCORE_WARNING,
        "scores": SCORE_SCALE,
        "risks": list(SHORT_RISK_NAMES),
        "commands": [{"command": command, "told": text} for command, text in COMMAND_TEXTS],
        "fields": [_describe_case_field(*field) for field in FIELD_TEXTS],
        "choices": [
            {
                "id": kind,
                "heading": heading,
                "rows": [_describe_choice(key, entry) for key, entry in transfer_texts[kind].items()],
            }
            for kind, heading in CHOICE_HEADINGS.items()
        ],
        "misuse": [
            {
                "id": kind,
                "heading": heading,
                "rows": [_describe_misuse_scores(key, transfer_texts[kind]) for key in transfer_texts[kind]],
            }
            for kind, heading in SCORE_HEADINGS.items()
        ],
        "sample": SAMPLE_CASE,
    }


def _describe_case_field(name: str, needed: bool, accepted: str, text: str) -> FieldLine:
    table = accepted.strip("{}") if accepted.startswith("{") else None
    heading = HEADINGS[table] if table else None
    return {
        "name": name,
        "needed": "yes" if needed else "no",
        "accepted": f"a key of the table {heading}" if heading else accepted,
        "table": table,
        "told": text,
    }


def _describe_choice(key: str, entry: TransferEntry) -> Choice:
    owner = entry.get("owner")
    asks = f"{owner}. A good gap names {entry['asks']}." if owner else None
    return {"key": key, "title": entry["title"], "told": asks or entry["channel"]}


def _describe_misuse_scores(key: str, entries: Mapping[str, TransferEntry]) -> MisuseLine:
    entry = entries[key]
    together: Sequence[str] = entry.get("together") or ()
    scores = [_find_worst_score(risk, [entries[name] for name in together or (key,)]) for risk in RISK_NAMES]
    members = format_list([entries[name]["title"].lower() for name in together])
    source = entry.get("source") or (f"the worst of {members}" if members else "not given")
    return {
        "title": entry["title"],
        "because": entry.get("because"),
        "url": entry.get("url"),
        "key": key,
        "scores": scores,
        "source": source,
    }


def _find_worst_score(risk: str, entries: Sequence[TransferEntry]) -> int:
    return max(scores[risk] for entry in entries if (scores := entry.get("scores")))
