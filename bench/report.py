"""What was measured as text: the same lines on the terminal and in docs/explanation/performance.md."""

import os
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.measure import RUNS, Measured
from bench.score import Scored
from bench.sections import Found

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "performance.md"
LIBRARIES = ("polars", "pandas", "scikit-learn", "shap", "lightgbm", "rule-engine", "typst", "weasyprint", "plotly")
SECONDS_ASKED = {"whole, warm": 10.0, "risk rules list": 0.6, "risk explain EGY": 0.6, "risk data status": 0.6,
                 "risk --help": 0.6}  # fmt: skip
OPENING = """# Speed and memory

`make bench` measures this on your machine and writes this page from what it measured; `risk bench --section panel`
prints one section alone. It needs the outputs of a run and scores first if there are none.

Each way runs in a process of its own, whose peak memory is shown. The ways take turns, so that whatever else the
machine does meets them alike; the first run of each is not counted. A ratio compares the runs of one turn, row for
row: above 1, the other way takes longer.
"""
WHY = """
## Why

- **Rules.** A condition that several rules share is evaluated once; only the columns that rules read are touched; rows
  are taken 65,536 at a time, so that memory grows only by the answers. Evidence, which is text for each line, costs
  over a thousand times more a row and is made only for the partners decided on. rule-engine compares one value at a
  time in Python; it knows no "not known", so that its comparisons are joined by the same three-valued words.
- **Reasons.** The leaves of all trees are walked as arrays. What each column of a leaf adds turns on which of its few
  steps a row passes, so it is worked out once a pattern and looked up, exactly; SHAP walks every tree again for every
  row, and a tree of 31 leaves has longer paths.
- **Panel.** Tables are parsed side by side and all their rows placed by one look-up, on one grid whose states stand so
  far apart that most windows need no grouping; everything is derived and carried in one pass, without planning a query.
  About half of what is left is reading, checking and placing tables, of which Python, on one core, takes a tenth of the
  whole for the cards alone. pandas is given its best: every table grouped once, compiled windows, one look-up a measure
  for all that derives from it, and the same checks.
- **Cluster.** The longest fits are handed out first. Two workers share the machine with the caller and the scheduler,
  and each fit takes a tenth to a fifth longer than where one works alone.
- **Pages.** Drawings are short SVG made from text; nothing is laid out but what a browser lays out anyway.
"""


def text(results: Sequence[Found | Scored]) -> str:
    """The whole page."""
    parts = [part for result in results for part in _section(result)]
    return "\n".join([OPENING, *_machine(), *parts]) + "\n" + WHY


def lines(result: Found | Scored) -> str:
    """One section, as the terminal shows it."""
    return "\n".join(_section(result))


def _machine() -> Iterator[str]:
    yield f"Seen on {os.cpu_count()} cores ({_processor()}), Python {platform.python_version()}, {RUNS} runs of each;"
    yield ", ".join(found for name in LIBRARIES if (found := _version(name))) + "."


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in told if line.startswith("model name")), platform.machine())


def _version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return ""


def _section(result: Found | Scored) -> Iterator[str]:
    yield from _scored(result) if isinstance(result, Scored) else _found(result)


def _found(found: Found) -> Iterator[str]:
    yield f"\n## {found.title}\n"
    yield from _table(found.measured)
    if found.ratios:
        yield "\n| beside | times as long, row for row | spread | asked |\n|---|---|---|---|"
    for ours, other, times, wanted in found.ratios:
        yield (
            f"| {other} beside {ours} | {_times(times.middle)} | {_times(times.least)} to {_times(times.most)} "
            f"| {_asked(times.middle, wanted)} |"
        )
    yield f"\n{found.remark}"
    yield from (f"\n{line}" for line in found.left_out)


def _scored(result: Scored) -> Iterator[str]:
    yield "\n## The whole run and the commands\n"
    yield from _table([*result.whole, *result.commands])
    for one in [*result.whole, *result.commands]:
        if (most := SECONDS_ASKED.get(one.what)) is not None and one.median > most:
            yield f"\n{one.what}: {one.median:.2f} s, {one.median - most:.2f} s over the {most:g} s asked."
    whole = sum(result.steps.values())
    yield "\n| step of a warm run | seconds | share |\n|---|---|---|"
    for name, seconds in result.steps.items():
        yield f"| {name} | {seconds:.2f} | {seconds / whole:.0%} |"
    yield "\n| the floor | how much | seconds |\n|---|---|---|"
    for name, much, seconds in result.floor:
        yield f"| {name} | {much} | {seconds:.3f} |"
    least = sum(seconds for _, _, seconds in result.floor)
    yield f"\nThe floor takes {least:.2f} s; a warm run takes {whole / least:.0f} times that."


def _table(measured: Sequence[Measured]) -> Iterator[str]:
    yield "| measured | rows | median s | spread s | rows a second | peak MB |\n|---|---|---|---|---|---|"
    for one in measured:
        yield (
            f"| {one.what} | {one.rows:,} | {one.median:.3f} | {min(one.seconds):.3f} to {max(one.seconds):.3f} "
            f"| {one.rows / one.median:,.1f} | {one.peak:,} |"
        )


def _times(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}"


def _asked(middle: float, wanted: float | None) -> str:
    if wanted is None:
        return "–"
    return f"{wanted:g}: {'met' if middle >= wanted else f'missed by {wanted - middle:.1f}'}"
