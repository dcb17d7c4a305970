"""docs/reference/codes.md: the codes that a case may use, with meanings and examples, from the rulebook's tables."""

from pathlib import Path
from typing import Any

import yaml
from markdown_parts import join_lines, make_table, open_page

ROOT = Path(__file__).resolve().parents[2]
TABLES = ROOT / "risk" / "rulebook" / "transfers"
RISKS = ("repression", "civilian_harm", "coup", "diversion", "aggression")
LEAD = (
    "The codes that a [case](case_fields.md) may use. Titles, scores and reasons are those of "
    "`risk/rulebook/transfers/`; examples are there to recognize a code by. Scores run from 0 (none) to 4 (very high) "
    "and are a judgment: "
    "no published rating of this kind exists. Codes in Roman numerals are categories of the US Munitions List."
)
SCORED = ("code", "meaning", "for example", "repression", "civilian harm", "coup", "diversion", "aggression", "why")


def write_codes() -> str:
    """The whole page."""
    examples = yaml.safe_load((Path(__file__).parent / "examples.yaml").read_text(encoding="utf-8"))
    lines = open_page("Codes of a case", LEAD)
    for title, stem in (("Items", "items"), ("End users", "end_users")):
        entries = _read(stem)
        _check_examples(stem, entries, examples[stem])
        lines += [f"## {title}", "", *make_table(SCORED, (_score_row(one, examples[stem]) for one in entries))]
    swaps = ((f"`{one['id']}`", one["swap"]) for one in _read("items") if "swap" in one)
    lines += ["## Safer swaps", "", "What does most of the same work with less risk.", ""]
    lines += make_table(("item", "swap"), swaps)
    programs = ((f"`{one['id']}`", one["title"], one["channel"]) for one in _read("programmes"))
    lines += ["## Programs", "", *make_table(("code", "meaning", "channel"), programs)]
    objectives = ((f"`{one['id']}`", one["title"], one["owner"], one["asks"]) for one in _read("objectives"))
    heads = ("code", "meaning", "whose", "a good statement of the gap names")
    return join_lines([*lines, "## Objectives", "", *make_table(heads, objectives)])


def _read(stem: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = yaml.safe_load((TABLES / f"{stem}.yaml").read_text(encoding="utf-8"))
    return entries


def _check_examples(stem: str, entries: list[dict[str, Any]], examples: dict[str, str]) -> None:
    odd = {one["id"] for one in entries} ^ set(examples)
    if odd:
        raise SystemExit(f".ci/reference/examples.yaml, {stem}: {', '.join(sorted(odd))} is in one of the two only")


def _score_row(one: dict[str, Any], examples: dict[str, str]) -> list[object]:
    scores = one.get("scores") or {}
    together = f" Taken as the worst of {', '.join(one['together'])}." if one.get("together") else ""
    return [
        f"`{one['id']}`", one["title"], examples[one["id"]],
        *(scores.get(risk, "worst") for risk in RISKS), one["because"].rstrip() + together,
    ]  # fmt: skip
