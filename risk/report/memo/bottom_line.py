"""The bottom line of a memo, in two sentences: the rating of the case and the next step."""

from collections.abc import Mapping
from typing import Literal

from risk.report.contracts.memo import CaseRow, MemoFacts
from risk.report.formatting import format_count, format_list
from risk.report.memo.wording import NO_MORE, NO_PACKAGE, OWN_OFFRAMP, TIER_ACTIONS

# Tiers that need nothing beyond the usual checks if no rule does.
BARE_TIERS = ("guarded", "low")
COUNTED_KINDS: Mapping[Literal["positive_condition", "redline", "offramp"], str]
COUNTED_KINDS = {"positive_condition": "condition", "redline": "redline", "offramp": "offramp"}


def split_ids(ids: str | None) -> list[str]:
    """Split ids or texts joined by semicolons into a list."""
    return [part.strip() for part in (ids or "").split(";") if part.strip()]


def format_bottom_line(row: CaseRow, memo: MemoFacts) -> list[str]:
    """Format the rating of the case and the next step, a sentence each."""
    return [_describe_case_rating(row, memo), _describe_next_step(memo)]


def _describe_case_rating(row: CaseRow, memo: MemoFacts) -> str:
    if memo["sent_back"]:
        return "This case is sent back: its objective or the gap it closes says too little to weigh."
    if memo["tier"] in (None, "referred"):
        if all(risk["question"] for risk in memo["risks"]):
            return (
                "This case is referred to a person: this item is not expected with this user, so nothing rates the two."
            )
        unknown_risks = [risk["name"].lower() for risk in memo["risks"] if risk["exposure"] == "not known"]
        missing = f" of {format_list(unknown_risks)}" if unknown_risks else ""
        return f"This case is referred to a person: too little is known{missing} to rate it."
    driver = next((risk for risk in memo["risks"] if risk["risk"] == row["case_driver"]), None)
    if memo["tier"] == "low":
        return "The risk of this case is rated low on every one of the five counts."
    if driver is None:
        return f"The risk of this case is rated {memo['tier']}."
    unknown = [risk["name"].lower() for risk in memo["risks"] if risk["exposure"] == "not known"]
    unknown_text = f"; not known: {format_list(unknown)}" if unknown and memo["tier"] == "severe" else ""
    return (
        f"The risk of this case is rated {memo['tier']}, driven by {driver['name'].lower()}: exposure "
        f"{driver['exposure']} of 100, from item and user scored {driver['pair']} together and a pressure of "
        f"{driver['pressure']} ({driver['kind']}){unknown_text}."
    )


def _describe_next_step(memo: MemoFacts) -> str:
    if memo["sent_back"]:
        return "Write the objective and the gap anew, as said below, and run the case again before anyone weighs it."
    counts = {word: len(memo[kind]) + len(memo["others"][kind]) for kind, word in COUNTED_KINDS.items()}
    parts = [format_count(number, word) for word, number in counts.items() if number] or [NO_PACKAGE]
    parts += [OWN_OFFRAMP] * memo["lacks_offramp"]
    are = "is" if len(parts) == 1 and sum(counts.values()) == 1 else "are"
    bare = not any(counts.values()) and memo["tier"] in BARE_TIERS
    action = NO_MORE if bare else TIER_ACTIONS[memo["tier"] or "referred"].format(package=format_list(parts), are=are)
    bound = sum(not item["refer"] for item in memo["trigger"])
    referred = len(memo["trigger"]) + len(memo["others"]["trigger"]) - bound
    law = [format_count(bound, "legal trigger binds now", "legal triggers bind now")] if bound else []
    law += [format_count(referred, "legal list must be looked up", "legal lists must be looked up")] if referred else []
    first = f"Law comes first: {format_list(law)}; beyond that, " if law else ""
    return f"{first}{action}." if first else f"{action[:1].upper()}{action[1:]}."
