"""Speed of the rulebook on many rows at once, against the same rules row by row in plain Python and rule-engine."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from bench.measure import Contender, Measurement, TimedWork
from bench.rule_interpreter import PartnerRow, TruthValue, combine_and, combine_or, compile_rules, negate_answer
from features.bad_input import BadInput
from risk.assessment.decide import decide_by_rules
from risk.assessment.evaluate import evaluate_rules, list_read_columns, unknown_as_null
from risk.outputs.last_run import open_last_run
from risk.rules import condition_parser as grammar
from risk.rules.loading import RULEBOOK_FOLDER, load_rulebook
from risk.rules.rule_types import Rule
from risk.rules.rulebook import Rulebook

ROW_COUNTS = (10_000, 100_000, 1_000_000)
SAMPLE_ROWS, FEW_ROWS = 2_000, 100
# Limits for the most rows, on two cores.
SECONDS_LIMIT, MEGABYTES_LIMIT = 3.0, 2_000
RuleCompiler = Callable[[Sequence[Rule], pl.Schema], Callable[[PartnerRow], list[TruthValue]]]


def prepare_vectorized_rules(out: Path, rows: int) -> TimedWork:
    """The whole rulebook on the real rule inputs, repeated to `rows` rows."""
    book, day, repeated = _repeat_rule_inputs(out, rows)
    return TimedWork(lambda: evaluate_rules(repeated, book, day).height)


def prepare_python_rules(out: Path, rows: int) -> TimedWork:
    """The same rules in plain Python, one row at a time."""
    return _prepare_row_rules(out, rows, compile_rules, "plain Python")


def prepare_rule_engine(out: Path, rows: int) -> TimedWork:
    """The same rules, one row at a time, with every comparison by the package rule-engine."""
    return _prepare_row_rules(out, rows, compile_engine_rules, "rule-engine")


def prepare_decisions(out: Path) -> TimedWork:
    """Decisions with their evidence for every partner of the real standing."""
    with open_last_run(out) as last_run:
        standing, day = last_run.rule_inputs, last_run.day
    book = load_rulebook(RULEBOOK_FOLDER, standing.schema)
    return TimedWork(lambda: decide_by_rules(standing, book, day).height)


def compile_engine_rules(rules: Sequence[Rule], schema: pl.Schema) -> Callable[[PartnerRow], list[TruthValue]]:
    """Like `compile_rules`, with rule-engine's comparisons; and, or and not are three-valued, unlike its own."""
    compiled = {text: _compile_node(grammar.parse_condition(text)) for rule in rules for text in rule.applies_when}
    conditions = [[compiled[text] for text in rule.applies_when] for rule in rules]

    def answer_row(row: PartnerRow) -> list[TruthValue]:
        return [_combine_conditions(rule, row) for rule in conditions]

    return answer_row


def _combine_conditions(conditions: Sequence[Callable[[PartnerRow], TruthValue]], row: PartnerRow) -> TruthValue:
    answer: TruthValue = True
    for condition in conditions:
        if (holds := condition(row)) is False:
            return False
        answer = None if holds is None else answer
    return answer


def _compile_node(node: grammar.ConditionNode) -> Callable[[PartnerRow], TruthValue]:
    if isinstance(node, grammar.Logic):
        parts = [_compile_node(part) for part in node.parts]
        joins: dict[str, Callable[..., TruthValue]] = {"OR": combine_or, "AND": combine_and, "NOT": negate_answer}
        join = joins[node.word]
        return lambda row: join(*(part(row) for part in parts))
    from rule_engine import Rule as EngineRule

    rule, read = EngineRule(_format_node(node)), grammar.list_columns(node)
    return lambda row: None if any(row[name] is None for name in read) else rule.matches(row)


def _format_node(node: grammar.ConditionNode) -> str:
    parts = [_format_node(part) for part in node.parts]
    match node:
        case grammar.Value() | grammar.Column():
            return node.word
        case grammar.Between():
            return f"({parts[0]} >= {parts[1]} and {parts[0]} <= {parts[2]})"
        case grammar.Membership():
            return f"({parts[0]} in [{', '.join(parts[1:])}])"
        case grammar.Arithmetic() if len(parts) == 1:
            return f"(-{parts[0]})" if node.word == "-" else f"${node.word.lower()}({parts[0]})"
        case grammar.Arithmetic():
            return f"({parts[0]} {node.word} {parts[1]})"
    return f"({parts[0]} {grammar.COMPARISON_OPERATORS[node.word]} {parts[1]})"


def _prepare_row_rules(out: Path, rows: int, compiled: RuleCompiler, named: str) -> TimedWork:
    """One row at a time; raises BadInput if any result differs from evaluate_rules."""
    book, day, repeated = _repeat_rule_inputs(out, rows)
    rules = book.list_rules_in_force(day)
    answer, sample = compiled(rules, repeated.schema), unknown_as_null(repeated).to_dicts()
    answers = pl.DataFrame([answer(row) for row in sample], schema=[rule.id for rule in rules], orient="row")
    expected = evaluate_rules(repeated, book, day)
    for rule in expected.columns:
        differing = int(answers[rule].cast(pl.Boolean).ne_missing(expected[rule]).sum())
        if differing:
            raise BadInput(f"{rule}: {named} differs from the engine in {differing} of {rows} rows")
    return TimedWork(lambda: len([answer(row) for row in sample]))


def _repeat_rule_inputs(out: Path, rows: int) -> tuple[Rulebook, date, pl.DataFrame]:
    """The rulebook, the day, and the columns its rules read of the real standing, repeated to a height."""
    with open_last_run(out) as last_run:
        standing, day = last_run.rule_inputs, last_run.day
    book = load_rulebook(RULEBOOK_FOLDER, standing.schema)
    read = standing.select(list_read_columns(book.list_rules_in_force(day)))
    return book, day, pl.concat([read] * (rows // read.height + 1)).head(rows).rechunk()


def check_rule_results(measured: Sequence[Measurement]) -> str:
    """Sentence: whether the most rows met the limits of time and memory."""
    largest = max(measured, key=lambda measurement: measurement.rows)
    kept = largest.median <= SECONDS_LIMIT and largest.peak < MEGABYTES_LIMIT
    return (
        f"{largest.rows:,} rows took {largest.median:.2f} s and {largest.peak:,} MB: {'within' if kept else 'over'} "
        f"the limits of {SECONDS_LIMIT:g} s and {MEGABYTES_LIMIT:,} MB on two cores."
    )


RULE_CONTENDERS = (
    *(Contender("rules, all at once", prepare_vectorized_rules, rows, (rows,)) for rows in reversed(ROW_COUNTS)),
    Contender("rules, row by row in Python", prepare_python_rules, SAMPLE_ROWS, (SAMPLE_ROWS,)),
    Contender("rules, row by row by rule-engine", prepare_rule_engine, FEW_ROWS, (FEW_ROWS,), needs="rule_engine"),
    Contender("decisions with evidence", prepare_decisions, 194),
)
