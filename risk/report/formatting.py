"""Formats numbers, chances, money and lists as text."""

import re
from collections.abc import Sequence
from typing import overload

from risk.outputs.table_rows import ScoreRow

CHANCE_STEPS = (
    *((1, cases) for cases in (100, 50, 30, 20, 15, 10, 7, 5, 4)),
    *((hits, 10) for hits in (3, 4, 5, 6, 7, 8, 9)),
    (19, 20),
    (49, 50),
    (99, 100),
)
# Units that explain a scale read better in parentheses: 0.21 (index 0-1, higher is better).
SCALE_UNITS = re.compile(r"index|class|scale|score|rating|tier|0 or 1|.*,")


@overload
def format_percent(share: float) -> str: ...


@overload
def format_percent(share: float | None) -> str | None: ...


def format_percent(share: float | None) -> str | None:
    """Format a share of one in whole percent; never 0% or 100%, since nothing is certain."""
    if share is None:
        return None
    return "under 1%" if share < 0.01 else "over 99%" if share > 0.99 else f"{share:.0%}"


def format_interval(low: float | None, high: float | None) -> str | None:
    """Format an interval of two shares in whole percent; one figure if both ends look the same."""
    ends = format_percent(low), format_percent(high)
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def format_chance(probability: float | None) -> str | None:
    """Format a probability in everyday words: 0.31 is 'about 3 in 10'."""
    if probability is None:
        return None
    if not 0.0075 <= probability <= 0.9925:
        return "less than 1 in 100" if probability < 0.5 else "more than 99 in 100"
    hits, cases = min(CHANCE_STEPS, key=lambda pair: abs(probability - pair[0] / pair[1]))
    return f"about {hits} in {cases}"


def format_amount(value: float | None, unit: str | None) -> str:
    """Format a value with its unit, to at most three digits; shares in percent, dollars in millions or billions."""
    if value is None:
        return "not known"
    if not unit:
        return _format_number(value)
    if unit == "0 or 1" and value in (0, 1):
        return "yes" if value else "no"
    if unit == "share 0-1":
        return f"{value:.0%}"
    if "US dollars" in unit:
        return _format_dollars(value, unit.replace("US dollars", "").strip())
    return f"{_format_number(value)} ({unit})" if SCALE_UNITS.match(unit) else f"{_format_number(value)} {unit}"


def _format_dollars(value: float, prices: str) -> str:
    scales = ((1e9, " billion"), (1e6, " million"))
    size, word = next((scale for scale in scales if abs(value) >= scale[0]), (1, ""))
    amount = f"{'−' if value < 0 else ''}${_format_number(abs(value) / size)}{word}"
    return amount if prices in ("", "current") else f"{amount} ({prices})"


def _format_number(value: float) -> str:
    size = abs(value)
    if 1900 <= value <= 2100 and float(value).is_integer():
        return f"{value:.0f}"
    if size >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}" if size >= 1 else f"{round(value, 2):g}"


def format_money(value: float) -> str:
    """Format dollars in millions or billions, zero without a dollar sign."""
    return format_amount(value, "US dollars") if value else "0"


def format_count(number: int, singular: str, plural: str | None = None) -> str:
    """Format a number with its noun: 1 redline, 2 redlines."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def format_list(words: Sequence[str], last: str = "and") -> str:
    """Format words as a list in a sentence: a, b and c."""
    return f" {last} ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def format_name(name: str) -> str:
    """Format a column or rule name as words: 'child_soldiers_list' is 'Child soldiers list'."""
    return name[:1].upper() + name[1:].replace("_", " ")


def format_horizon(score: ScoreRow) -> str:
    """Format the forecast years, as 2026–2027."""
    return f"{score['origin'] + 1}–{score['horizon_end']}"


def round_index(value: float | None) -> int | None:
    """Round an index to an integer."""
    return None if value is None else round(value)
