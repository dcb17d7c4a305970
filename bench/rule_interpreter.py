"""The same rules one partner at a time in plain Python: the yardstick for the speed and the answers of `evaluate`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from risk.rules import condition_parser as grammar
from risk.rules.rule_types import Rule

PartnerRow = Mapping[str, Any]
TruthValue = bool | None
# Python's own and, or and not would take what is not known for false.
LOGIC_FUNCTIONS = {"OR": "either", "AND": "both", "NOT": "opposite"}


def compile_rules(rules: Sequence[Rule], schema: pl.Schema) -> Callable[[PartnerRow], list[TruthValue]]:
    """A function from one partner's facts to the answer of each rule; every condition is compiled once."""
    atoms = {atom for rule in rules for atom in rule.applies_when}
    compiled = {atom: compile_condition(atom, schema) for atom in atoms}
    conditions = [[compiled[atom] for atom in rule.applies_when] for rule in rules]
    return lambda row: [_combine_answers(rule, row) for rule in conditions]


def compile_condition(atom: str, schema: pl.Schema) -> Callable[[PartnerRow], TruthValue]:
    """One condition as a Python function of a row in which null stands for what is not known."""
    tree = grammar.parse_condition(atom)
    grammar.check_kinds(tree, schema)
    # The text is made anew from the tree, never taken from the rulebook; none of Python's own functions is at hand.
    names = {
        "__builtins__": {},
        "either": combine_or,
        "both": combine_and,
        "opposite": negate_answer,
        "abs": abs,
        "round": round,
    }
    made: Callable[[PartnerRow], TruthValue] = eval(f"lambda row: {_generate_python_code(tree)}", names)
    return made


def _combine_answers(conditions: Sequence[Callable[[PartnerRow], TruthValue]], row: PartnerRow) -> TruthValue:
    answer: TruthValue = True
    for condition in conditions:
        holds = condition(row)
        if holds is False:
            return False
        if holds is None:
            answer = None
    return answer


def _generate_python_code(node: grammar.ConditionNode) -> str:
    """Python for a part of a condition; a comparison asks first whether all its columns are known."""
    parts = [_generate_python_code(part) for part in node.parts]
    match node:
        case grammar.Value():
            return repr(node.value)
        case grammar.Column():
            return f"row[{node.word!r}]"
        case grammar.Logic():
            return f"{LOGIC_FUNCTIONS[node.word]}({', '.join(parts)})"
        case grammar.Arithmetic() if len(parts) == 2:
            return f"({parts[0]} {node.word} {parts[1]})"
        case grammar.Arithmetic():
            return f"{node.word.lower()}({parts[0]})"
        case grammar.Between():
            compared = f"{parts[1]} <= {parts[0]} <= {parts[2]}"
        case grammar.Membership():
            compared = f"{parts[0]} in ({', '.join(parts[1:])},)"
        case _:
            compared = f"{parts[0]} {grammar.COMPARISON_OPERATORS[node.word]} {parts[1]}"
    unknown = " or ".join(f"row[{name!r}] is None" for name in grammar.list_columns(node))
    return f"(None if {unknown or 'False'} else {compared})"


def combine_or(left: TruthValue, right: TruthValue) -> TruthValue:
    """Or, of what may not be known."""
    return True if left or right else None if left is None or right is None else False


def combine_and(left: TruthValue, right: TruthValue) -> TruthValue:
    """And, of what may not be known."""
    return False if left is False or right is False else None if left is None or right is None else True


def negate_answer(answer: TruthValue) -> TruthValue:
    """Not, of what may not be known."""
    return None if answer is None else not answer
