"""What conflicts and joined checks must keep to: rules that exist, law that yields to nothing, proof of `never`."""

from collections.abc import Iterator

from risk.conflicts import Conflict
from risk.dated import Dated
from risk.entries import TIERS, Quadrant, Rule, Rulebook
from risk.marked_yaml import MarkedYaml, Place
from risk.satisfiable import can_apply


def check_conflicts(file: MarkedYaml, book: Rulebook) -> None:
    """Refuse the first conflict that does not hold, with file, id and line."""
    rules = {rule.id: rule for rule in book.rules}
    out = {name for conflict in book.conflicts if conflict.then == "left_out" for name in conflict.yields}
    for position, conflict in enumerate(book.conflicts):
        for side in ("yields", "to"):
            for number, name in enumerate(getattr(conflict, side)):
                fault = _fault(name, side, conflict, rules, out)
                if fault:
                    raise file.refusal((position, side, number), fault)
        _no_circle(file, position, book.conflicts)
        if conflict.then == "never":
            _prove(file, (position, "then"), conflict, book)


def check_joined(file: MarkedYaml, book: Rulebook) -> None:
    """Refuse a joined entry whose rules do not exist, are no checks or stand in an entry before it."""
    kinds = {rule.id: rule.kind for rule in book.rules}
    seen: set[str] = set()
    for position, entry in enumerate(book.joined):
        for number, name in enumerate(entry.checks):
            fault = (
                f"no rule has the id {name!r}"
                if name not in kinds
                else f"{name!r} is no check, and only checks are joined"
                if kinds[name] != "check"
                else f"{name!r} is joined twice"
            )
            if kinds.get(name) != "check" or name in seen:
                raise file.refusal((position, "checks", number), fault)
            seen.add(name)


def _fault(name: str, side: str, conflict: Conflict, rules: dict[str, Rule], out: set[str]) -> str | None:
    if name not in rules:
        return f"no rule has the id {name!r}"
    if side == "yields" and rules[name].kind == "trigger":
        return f"{name!r} is a trigger: law gives way to no advice"
    if side == "yields" and conflict.then == "left_out" and rules[name].kind == "check":
        return f"{name!r} is a check: a question of law is never left out"
    if side == "to" and name in out:
        return f"{name!r} may itself be left out, so nothing can give way to it"
    return None


def _no_circle(file: MarkedYaml, position: int, conflicts: tuple[Conflict, ...]) -> None:
    conflict = conflicts[position]
    for other in conflicts[:position]:
        back = sorted(set(conflict.yields) & set(other.to)), sorted(set(conflict.to) & set(other.yields))
        if all(back) and share_a_day(conflict, other):
            what = f"{back[0][0]!r} gives way to {back[1][0]!r} here and the other way round in {other.id!r}"
            raise file.refusal((position, "yields"), what)


def _prove(file: MarkedYaml, place: Place, conflict: Conflict, book: Rulebook) -> None:
    """Every pair said never to meet must have conditions that no partner can meet together."""
    rules = {rule.id: rule for rule in book.rules}
    for winner in (rules[name] for name in conflict.to):
        for rule in (rules[name] for name in conflict.yields):
            together = [*winner.applies_when, *rule.applies_when]
            if share_a_day(conflict, winner, rule) and can_apply(together, book):
                raise file.refusal(place, f"{rule.id!r} and {winner.id!r} can apply to the same partner")
        for corners in book.postures:
            for posture, conditions in posture_conditions(corners):
                named = posture in conflict.postures and share_a_day(conflict, winner, corners)
                if named and can_apply([*winner.applies_when, *conditions], book):
                    raise file.refusal(place, f"the posture {posture!r} can be suggested beside {winner.id!r}")


def posture_conditions(corners: Quadrant) -> Iterator[tuple[str, list[str]]]:
    """The four postures, each with the conditions under which it is suggested."""
    start = TIERS.index(corners.poor_record_from)
    poor, good = (", ".join(f"'{tier}'" for tier in tiers) for tiers in (TIERS[start:], TIERS[:start]))
    for value, valued in ((">=", "valued"), ("<", "little_value")):
        for tiers, record in ((good, "good"), (poor, "poor")):
            if tiers:
                conditions = [f"strategic_value {value} {corners.valued_from}", f"tier IN ({tiers})"]
                yield getattr(corners, f"{valued}_{record}_record"), conditions


def share_a_day(*entries: Dated) -> bool:
    """Whether there is a day on which all these entries are in force."""
    starts = [period.first for entry in entries for period in entry.in_force]
    return any(all(entry.holds(day) for entry in entries) for day in starts)
