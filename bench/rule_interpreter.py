"""The same rules one partner at a time in plain Python: the yardstick for the speed and the answers of `evaluate`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from risk.rules.condition_parser import COMPARISONS, Node, parse
from risk.rules.rule_types import Rule

Row = Mapping[str, Any]
Answer = bool | None
# Python's own and, or and not would take what is not known for false.
JOINED = {"or": "either", "and": "both", "not": "opposite"}


def compile_rules(rules: Sequence[Rule], schema: pl.Schema) -> Callable[[Row], list[Answer]]:
    """A function from one partner's facts to the answer of each rule; every condition is compiled once."""
    atoms = {atom for rule in rules for atom in rule.applies_when}
    compiled = {atom: compile_condition(atom, schema) for atom in atoms}
    conditions = [[compiled[atom] for atom in rule.applies_when] for rule in rules]
    return lambda row: [_together(rule, row) for rule in conditions]


def compile_condition(atom: str, schema: pl.Schema) -> Callable[[Row], Answer]:
    """One condition as a Python function of a row in which null stands for what is not known."""
    # The text is made anew from the tree, never taken from the rulebook; none of Python's own functions is at hand.
    names = {"__builtins__": {}, "either": either, "both": both, "opposite": opposite, "abs": abs, "round": round}
    made: Callable[[Row], Answer] = eval(f"lambda row: {_code(parse(atom, schema))}", names)
    return made


def _together(conditions: Sequence[Callable[[Row], Answer]], row: Row) -> Answer:
    answer: Answer = True
    for condition in conditions:
        holds = condition(row)
        if holds is False:
            return False
        if holds is None:
            answer = None
    return answer


def _code(node: Node) -> str:
    """Python for a part of a condition; a comparison asks first whether all its columns are known."""
    parts = [_code(part) for part in node.parts]
    if node.does == "text":
        return repr(node.word[1:-1])
    if node.does == "number":
        return repr(float(node.word) if "." in node.word else int(node.word))
    if node.does == "column":
        return f"row[{node.word!r}]"
    if node.does in JOINED:
        return f"{JOINED[node.does]}({', '.join(parts)})"
    if node.does == "arithmetic":
        return f"({parts[0]} {node.word} {parts[1]})"
    if node.does in ("minus", "call"):
        return f"{node.word.lower()}({parts[0]})"
    unknown = " or ".join(f"row[{name!r}] is None" for name in sorted(columns(node)))
    return f"(None if {unknown or 'False'} else {_compared(node, parts)})"


def _compared(node: Node, parts: Sequence[str]) -> str:
    if node.does == "between":
        return f"{parts[1]} <= {parts[0]} <= {parts[2]}"
    if node.does == "in":
        return f"{parts[0]} in ({', '.join(parts[1:])},)"
    return f"{parts[0]} {COMPARISONS[node.word]} {parts[1]}"


def columns(node: Node) -> set[str]:
    """The columns that a condition reads."""
    return {node.word} if node.does == "column" else {name for part in node.parts for name in columns(part)}


def either(left: Answer, right: Answer) -> Answer:
    """Or, of what may not be known."""
    return True if left or right else None if left is None or right is None else False


def both(left: Answer, right: Answer) -> Answer:
    """And, of what may not be known."""
    return False if left is False or right is False else None if left is None or right is None else True


def opposite(answer: Answer) -> Answer:
    """Not, of what may not be known."""
    return None if answer is None else not answer
