"""The rulebook over many rows at once, beside the same rules row by row: in plain Python and by rule-engine."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from bench.measure import Measured, Side, Work
from bench.rule_interpreter import Answer, Row, both, compile_rules, either, opposite
from features.bad_input import BadInput
from risk.assessment.decide import decide
from risk.assessment.evaluate import evaluate, known, read_columns
from risk.outputs.last_run import last_standing, run_day
from risk.rules import condition_parser as grammar
from risk.rules.loading import RULEBOOK, load_rulebook
from risk.rules.rule_types import Rule
from risk.rules.rulebook import Rulebook

HEIGHTS = (10_000, 100_000, 1_000_000)
SAMPLE, FEW = 2_000, 100
# What the rules must keep to at the greatest height, on two cores.
SECONDS_ASKED, MEGABYTES_ASKED = 3.0, 2_000
RowByRow = Callable[[Sequence[Rule], pl.Schema], Callable[[Row], list[Answer]]]


def vectorised(out: Path, rows: int) -> Work:
    """The whole rulebook over the real standing repeated to so many rows."""
    book, day, repeated = _repeated(out, rows)
    return Work(lambda: evaluate(repeated, book, day).height)


def in_python(out: Path, rows: int) -> Work:
    """The same rules in plain Python, one row at a time."""
    return _by_row(out, rows, compile_rules, "plain Python")


def by_rule_engine(out: Path, rows: int) -> Work:
    """The same rules, every comparison by the package rule-engine, one row at a time."""
    return _by_row(out, rows, engine_rules, "rule-engine")


def decisions(out: Path) -> Work:
    """Decisions with their evidence for every partner of the real standing."""
    standing, day = last_standing(out), run_day(out)
    book = load_rulebook(RULEBOOK, standing.schema)
    return Work(lambda: decide(standing, book, day).height)


def engine_rules(rules: Sequence[Rule], schema: pl.Schema) -> Callable[[Row], list[Answer]]:
    """As `compile_rules`, with rule-engine's comparisons; and, or and not keep what is not known, which it does not."""
    compiled = {atom: _compiled(grammar.parse(atom)) for rule in rules for atom in rule.applies_when}
    conditions = [[compiled[atom] for atom in rule.applies_when] for rule in rules]

    def answer(row: Row) -> list[Answer]:
        return [_together(rule, row) for rule in conditions]

    return answer


def _together(conditions: Sequence[Callable[[Row], Answer]], row: Row) -> Answer:
    answer: Answer = True
    for condition in conditions:
        if (holds := condition(row)) is False:
            return False
        answer = None if holds is None else answer
    return answer


def _compiled(node: grammar.Node) -> Callable[[Row], Answer]:
    if isinstance(node, grammar.Logic):
        parts = [_compiled(part) for part in node.parts]
        joins: dict[str, Callable[..., Answer]] = {"OR": either, "AND": both, "NOT": opposite}
        join = joins[node.word]
        return lambda row: join(*(part(row) for part in parts))
    from rule_engine import Rule as EngineRule

    rule, read = EngineRule(_text(node)), grammar.list_columns(node)
    return lambda row: None if any(row[name] is None for name in read) else rule.matches(row)


def _text(node: grammar.Node) -> str:
    parts = [_text(part) for part in node.parts]
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
    return f"({parts[0]} {grammar.COMPARISONS[node.word]} {parts[1]})"


def _by_row(out: Path, rows: int, compiled: RowByRow, named: str) -> Work:
    """One row at a time; BadInput where any answer differs from `evaluate`."""
    book, day, repeated = _repeated(out, rows)
    rules = book.rules_in_force(day)
    answer, sample = compiled(rules, repeated.schema), known(repeated).to_dicts()
    answers = pl.DataFrame([answer(row) for row in sample], schema=[rule.id for rule in rules], orient="row")
    expected = evaluate(repeated, book, day)
    for rule in expected.columns:
        differing = int(answers[rule].cast(pl.Boolean).ne_missing(expected[rule]).sum())
        if differing:
            raise BadInput(f"{rule}: {named} differs from the engine in {differing} of {rows} rows")
    return Work(lambda: len([answer(row) for row in sample]))


def _repeated(out: Path, rows: int) -> tuple[Rulebook, date, pl.DataFrame]:
    """The rulebook, the day, and the columns its rules read of the real standing, repeated to a height."""
    standing, day = last_standing(out), run_day(out)
    book = load_rulebook(RULEBOOK, standing.schema)
    read = standing.select(read_columns(book.rules_in_force(day)))
    return book, day, pl.concat([read] * (rows // read.height + 1)).head(rows).rechunk()


def check(measured: Sequence[Measured]) -> str:
    """One sentence: whether the most rows evaluated kept to the time and memory asked."""
    most = max(measured, key=lambda one: one.rows)
    kept = most.median <= SECONDS_ASKED and most.peak < MEGABYTES_ASKED
    return (
        f"{most.rows:,} rows took {most.median:.2f} s and {most.peak:,} MB: {'within' if kept else 'over'} "
        f"the {SECONDS_ASKED:g} s and {MEGABYTES_ASKED:,} MB asked on two cores."
    )


SIDES = (
    *(Side("rules, all at once", vectorised, rows, (rows,)) for rows in reversed(HEIGHTS)),
    Side("rules, row by row in Python", in_python, SAMPLE, (SAMPLE,)),
    Side("rules, row by row by rule-engine", by_rule_engine, FEW, (FEW,), needs="rule_engine"),
    Side("decisions with evidence", decisions, 194),
)
