"""The rules one partner at a time in plain Python: the reference for speed and results of evaluate_rules."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from risk.rules import condition_parser as grammar
from risk.rules.rule_types import Rule

PartnerRow = Mapping[str, Any]
TruthValue = bool | None
# Python's own and, or and not would treat unknown as false.
LOGIC_FUNCTIONS = {"OR": "either", "AND": "both", "NOT": "opposite"}


def compile_rules(rules: Sequence[Rule], schema: pl.Schema) -> Callable[[PartnerRow], list[TruthValue]]:
    """A function from one partner's facts to the result of each rule; every condition is compiled once."""
    texts = {text for rule in rules for text in rule.applies_when}
    compiled = {text: compile_condition(text, schema) for text in texts}
    conditions = [[compiled[text] for text in rule.applies_when] for rule in rules]
    return lambda row: [_combine_answers(rule, row) for rule in conditions]


def compile_condition(text: str, schema: pl.Schema) -> Callable[[PartnerRow], TruthValue]:
    """One condition as a Python function of a row, in which None means unknown."""
    tree = grammar.parse_condition(text)
    grammar.check_kinds(tree, schema)
    # The code is generated from the tree, never taken from the rulebook, and has no access to Python's built-ins.
    names = {
        "__builtins__": {},
        "either": combine_or,
        "both": combine_and,
        "opposite": negate_answer,
        "abs": abs,
        "round": round,
    }
    function: Callable[[PartnerRow], TruthValue] = eval(f"lambda row: {_generate_python_code(tree)}", names)
    return function


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
    """Python code for a part of a condition; a comparison first checks that all its columns are known."""
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
    """Three-valued or."""
    return True if left or right else None if left is None or right is None else False


def combine_and(left: TruthValue, right: TruthValue) -> TruthValue:
    """Three-valued and."""
    return False if left is False or right is False else None if left is None or right is None else True


def negate_answer(answer: TruthValue) -> TruthValue:
    """Three-valued not."""
    return None if answer is None else not answer
