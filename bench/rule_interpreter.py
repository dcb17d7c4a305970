"""The same rules one partner at a time in plain Python: the yardstick for the speed and the answers of `evaluate`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from risk.rules import condition_parser as grammar
from risk.rules.rule_types import Rule

Row = Mapping[str, Any]
Answer = bool | None
# Python's own and, or and not would take what is not known for false.
JOINED = {"OR": "either", "AND": "both", "NOT": "opposite"}


def compile_rules(rules: Sequence[Rule], schema: pl.Schema) -> Callable[[Row], list[Answer]]:
    """A function from one partner's facts to the answer of each rule; every condition is compiled once."""
    atoms = {atom for rule in rules for atom in rule.applies_when}
    compiled = {atom: compile_condition(atom, schema) for atom in atoms}
    conditions = [[compiled[atom] for atom in rule.applies_when] for rule in rules]
    return lambda row: [_together(rule, row) for rule in conditions]


def compile_condition(atom: str, schema: pl.Schema) -> Callable[[Row], Answer]:
    """One condition as a Python function of a row in which null stands for what is not known."""
    tree = grammar.parse(atom)
    grammar.check_kinds(tree, schema)
    # The text is made anew from the tree, never taken from the rulebook; none of Python's own functions is at hand.
    names = {"__builtins__": {}, "either": either, "both": both, "opposite": opposite, "abs": abs, "round": round}
    made: Callable[[Row], Answer] = eval(f"lambda row: {_code(tree)}", names)
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


def _code(node: grammar.Node) -> str:
    """Python for a part of a condition; a comparison asks first whether all its columns are known."""
    parts = [_code(part) for part in node.parts]
    match node:
        case grammar.Value():
            return repr(node.value)
        case grammar.Column():
            return f"row[{node.word!r}]"
        case grammar.Logic():
            return f"{JOINED[node.word]}({', '.join(parts)})"
        case grammar.Arithmetic() if len(parts) == 2:
            return f"({parts[0]} {node.word} {parts[1]})"
        case grammar.Arithmetic():
            return f"{node.word.lower()}({parts[0]})"
        case grammar.Between():
            compared = f"{parts[1]} <= {parts[0]} <= {parts[2]}"
        case grammar.Membership():
            compared = f"{parts[0]} in ({', '.join(parts[1:])},)"
        case _:
            compared = f"{parts[0]} {grammar.COMPARISONS[node.word]} {parts[1]}"
    unknown = " or ".join(f"row[{name!r}] is None" for name in grammar.list_columns(node))
    return f"(None if {unknown or 'False'} else {compared})"


def either(left: Answer, right: Answer) -> Answer:
    """Or, of what may not be known."""
    return True if left or right else None if left is None or right is None else False


def both(left: Answer, right: Answer) -> Answer:
    """And, of what may not be known."""
    return False if left is False or right is False else None if left is None or right is None else True


def opposite(answer: Answer) -> Answer:
    """Not, of what may not be known."""
    return None if answer is None else not answer
