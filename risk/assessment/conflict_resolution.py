"""Advice that may not stand unqualified beside other advice: what gives way to what, and how the lines say so."""

from collections.abc import Mapping, Sequence

from risk.outputs.table_rows import DecisionRow
from risk.rules.interactions import Conflict


def settle(lines: Sequence[DecisionRow], conflicts: Sequence[Conflict]) -> list[DecisionRow]:
    """The lines of any partners, with those that give way left out or told so in `because`."""
    found = {(line["iso3"], line["rule"]): line for line in lines}
    kept, replaced = [], dict[tuple[str, str], list[str]]()
    for line in lines:
        bars = _bars(line, found, conflicts)
        places = [one for conflict, side in bars for one in side if conflict.then == "left_out" and _certain(one)]
        for winner in places:
            replaced.setdefault((winner["iso3"], winner["rule"]), []).append(f"Takes the place of “{line['title']}”.")
        if not places:
            kept.append(_with(line, _told(bars)))
    return [_with(line, replaced.get((line["iso3"], line["rule"]), [])) for line in kept]


def _told(bars: Sequence[tuple[Conflict, Sequence[DecisionRow]]]) -> list[str]:
    """What bars a line, in one text for all conflicts with the same rules."""
    reasons: dict[tuple[str, ...], list[str]] = {}
    sides = {tuple(winner["rule"] for winner in winners): winners for _, winners in bars}
    for conflict, winners in bars:
        reasons.setdefault(tuple(winner["rule"] for winner in winners), []).append(conflict.because)
    return [told(winners, reasons[rules]) for rules, winners in sides.items()]


def told(winners: Sequence[DecisionRow], reasons: Sequence[str]) -> str:
    """What bars a line, certain bars before those still to be looked up, and why."""
    certain = [winner for winner in winners if _certain(winner)]
    unsure = [winner for winner in winners if not _certain(winner)]
    clauses = []
    if certain:
        first = (
            "its way out comes first" if any(winner["kind"] == "trigger" for winner in certain) else "it comes first"
        )
        clauses.append(f"while {_titles(certain)} applies; {first}")
    if unsure:
        clauses.append(f"if {_titles(unsure)} applies, which must be looked up first")
    return " ".join([f"Barred {', and '.join(clauses)}.", *dict.fromkeys(reasons)])


def _bars(
    line: DecisionRow, found: Mapping[tuple[str, str], DecisionRow], conflicts: Sequence[Conflict]
) -> list[tuple[Conflict, list[DecisionRow]]]:
    sides = (
        (conflict, [found[key] for rule in conflict.to if (key := (line["iso3"], rule)) in found])
        for conflict in conflicts
        if line["rule"] in conflict.yields
    )
    return [(conflict, winners) for conflict, winners in sides if winners]


def _certain(line: DecisionRow) -> bool:
    return bool(line["result"] == "applies")


def _titles(lines: Sequence[DecisionRow]) -> str:
    return " or ".join(f"“{line['title']}”" for line in lines)


def _with(line: DecisionRow, more: Sequence[str]) -> DecisionRow:
    return {**line, "because": " ".join([line["because"], *more])} if more else line
