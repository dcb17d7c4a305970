"""Resolves conflicts between decisions: which advice gives way to which, and how the lines say so."""

from collections.abc import Mapping, Sequence

from risk.outputs.table_rows import DecisionRow
from risk.rules.interactions import RuleConflict


def resolve_conflicts(lines: Sequence[DecisionRow], conflicts: Sequence[RuleConflict]) -> list[DecisionRow]:
    """Drop the lines that give way, or add the reason to their `because`; lines may be of any partners."""
    lines_by_rule = {(line["iso3"], line["rule"]): line for line in lines}
    kept, replaced = [], dict[tuple[str, str], list[str]]()
    for line in lines:
        blocks = _find_blocking_lines(line, lines_by_rule, conflicts)
        replacing = [
            winner
            for conflict, side in blocks
            for winner in side
            if conflict.then == "left_out" and _is_certain(winner)
        ]
        for winner in replacing:
            replaced.setdefault((winner["iso3"], winner["rule"]), []).append(f"Takes the place of “{line['title']}”.")
        if not replacing:
            kept.append(_append_reasons(line, _describe_blocks(blocks)))
    return [_append_reasons(line, replaced.get((line["iso3"], line["rule"]), [])) for line in kept]


def _describe_blocks(blocks: Sequence[tuple[RuleConflict, Sequence[DecisionRow]]]) -> list[str]:
    """Describe what bars a line, in one text for all conflicts with the same rules."""
    reasons: dict[tuple[str, ...], list[str]] = {}
    sides = {tuple(winner["rule"] for winner in winners): winners for _, winners in blocks}
    for conflict, winners in blocks:
        reasons.setdefault(tuple(winner["rule"] for winner in winners), []).append(conflict.because)
    return [describe_block(winners, reasons[rules]) for rules, winners in sides.items()]


def describe_block(winners: Sequence[DecisionRow], reasons: Sequence[str]) -> str:
    """Describe what bars a line, certain rules before referred ones, and why."""
    certain = [winner for winner in winners if _is_certain(winner)]
    unsure = [winner for winner in winners if not _is_certain(winner)]
    clauses = []
    if certain:
        first = (
            "its way out comes first" if any(winner["kind"] == "trigger" for winner in certain) else "it comes first"
        )
        clauses.append(f"while {_join_titles(certain)} applies; {first}")
    if unsure:
        clauses.append(f"if {_join_titles(unsure)} applies, which must be looked up first")
    return " ".join([f"Barred {', and '.join(clauses)}.", *dict.fromkeys(reasons)])


def _find_blocking_lines(
    line: DecisionRow, lines_by_rule: Mapping[tuple[str, str], DecisionRow], conflicts: Sequence[RuleConflict]
) -> list[tuple[RuleConflict, list[DecisionRow]]]:
    sides = (
        (conflict, [lines_by_rule[key] for rule in conflict.to if (key := (line["iso3"], rule)) in lines_by_rule])
        for conflict in conflicts
        if line["rule"] in conflict.yields
    )
    return [(conflict, winners) for conflict, winners in sides if winners]


def _is_certain(line: DecisionRow) -> bool:
    return bool(line["result"] == "applies")


def _join_titles(lines: Sequence[DecisionRow]) -> str:
    return " or ".join(f"“{line['title']}”" for line in lines)


def _append_reasons(line: DecisionRow, more: Sequence[str]) -> DecisionRow:
    return {**line, "because": " ".join([line["because"], *more])} if more else line
