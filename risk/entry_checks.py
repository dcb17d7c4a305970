"""What single entries must keep to beyond their types: texts that say something, patterns and ranges that work."""

import re
from collections.abc import Iterator
from typing import Any

from features.bad_input import shown
from features.vocabulary import OUTCOMES
from risk.entries import Measure, PositiveCondition, Repealed, Rulebook, TierCuts
from risk.marked_yaml import MarkedYaml, Place


def check_texts(file: MarkedYaml) -> None:
    """Refuse a text that is empty, anywhere in a file."""
    for place, value in _values(file.content, ()):
        if isinstance(value, str) and not value.strip():
            raise file.refusal(place, f"{place[-1]}: an empty text says nothing")


def check_measures(file: MarkedYaml, measures: tuple[Measure, ...]) -> None:
    """Refuse a pattern that cannot be read and a range that ends before it starts."""
    for position, measure in enumerate(measures):
        _check_pattern(file, (position, "columns"), measure.columns)
        if measure.low is not None and measure.high is not None and measure.low >= measure.high:
            raise file.refusal((position, "low"), f"the range runs from {measure.low} to {measure.high}")


def check_repealed(file: MarkedYaml, repealed: tuple[Repealed, ...]) -> None:
    """Refuse a pattern that cannot be read."""
    for position, instrument in enumerate(repealed):
        _check_pattern(file, (position, "pattern"), instrument.pattern)


def check_outcomes(file: MarkedYaml, tiers: tuple[TierCuts, ...]) -> None:
    """Refuse tiers of an outcome there is not, and an outcome without tiers."""
    for position, cuts in enumerate(tiers):
        if cuts.outcome not in OUTCOMES:
            what = f"unknown outcome {cuts.outcome!r}, expected one of {', '.join(OUTCOMES)}"
            raise file.refusal((position, "outcome"), what)
    missing = [outcome for outcome in OUTCOMES if outcome not in {cuts.outcome for cuts in tiers}]
    if missing:
        raise file.refusal((), f"the outcome {missing[0]!r} has no tiers")


def check_benchmark(file: MarkedYaml, position: int, rule: PositiveCondition, book: Rulebook) -> None:
    """Refuse a benchmark on what is no measure, or that asks for more than the range of its measure holds."""
    name = rule.benchmark.measure
    measure = book.measure(name)
    if name not in book.schema or measure is None or measure.better is None:
        raise file.refusal((position, "benchmark", "measure"), f"{name!r} is not a measure a benchmark can use")
    assert measure.low is not None and measure.high is not None
    reach, step = rule.benchmark.reach, rule.benchmark.improve_by
    span = f"it runs from {measure.low} to {measure.high}"
    if reach is not None and not measure.low <= reach <= measure.high:
        raise file.refusal((position, "benchmark", "reach"), f"{name} cannot reach {reach}: {span}")
    if step is not None and step > measure.high - measure.low:
        raise file.refusal((position, "benchmark", "improve_by"), f"{name} cannot improve by {step}: {span}")


# A pattern tries at most so many ways on a short text: what repeats a group, or offers choices without end, tries
# more ways than there is time for.
MOST_CHOICES, MOST_REPEATS, LONGEST_PATTERN = 12, 2, 300


def _check_pattern(file: MarkedYaml, place: Place, pattern: str) -> None:
    plain = re.sub(r"\\.|\[[^\]]*\]", "x", pattern)
    repeats, choices = len(re.findall(r"[*+]", plain)), len(re.findall(r"[?|]", plain))
    if (
        len(pattern) > LONGEST_PATTERN
        or re.search(r"\)\s*[*+{]|\{|\(\?", plain)
        or repeats > MOST_REPEATS
        or choices > MOST_CHOICES
    ):
        what = f"at most {LONGEST_PATTERN} characters, {MOST_REPEATS} repeats (* or +) of single characters"
        raise file.refusal(place, f"the pattern {shown(pattern)} could take for ever; {what}, {MOST_CHOICES} choices")
    try:
        re.compile(pattern)
    except re.error as error:
        raise file.refusal(place, f"the pattern {pattern!r} cannot be read: {error}") from None


def _values(content: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    steps = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    if place:
        yield place, content
    for step, inner in steps:
        yield from _values(inner, (*place, step))
