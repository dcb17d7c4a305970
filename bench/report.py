"""What was measured as text: the same lines on the terminal and in docs/explanation/performance.md."""

import os
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.measure import RUN_COUNT, Measurement
from bench.score import ScoreTimings
from bench.sections import SectionResult

PERFORMANCE_PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "performance.md"
REPORTED_LIBRARIES = (
    "polars",
    "pandas",
    "scikit-learn",
    "shap",
    "lightgbm",
    "rule-engine",
    "typst",
    "weasyprint",
    "plotly",
)
SECONDS_LIMITS = {"whole, warm": 10.0, "risk rules list": 0.6, "risk explain EGY": 0.6, "risk data status": 0.6,
                 "risk --help": 0.6}  # fmt: skip
PAGE_OPENING = """# Speed and memory

`make bench` measures this on your machine and writes this page from what it measured; `risk bench --section panel`
prints one section alone. It needs the outputs of a run and scores first if there are none.

Each way runs in a process of its own, whose peak memory is shown. The ways take turns, so that whatever else the
machine does meets them alike; the first run of each is not counted. A ratio compares the runs of one turn, row for
row: above 1, the other way takes longer.
"""
PAGE_REASONS = """
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


def format_page(results: Sequence[SectionResult | ScoreTimings]) -> str:
    """The whole page."""
    parts = [part for result in results for part in _format_section_lines(result)]
    return "\n".join([PAGE_OPENING, *_describe_machine(), *parts]) + "\n" + PAGE_REASONS


def format_section(result: SectionResult | ScoreTimings) -> str:
    """One section, as the terminal shows it."""
    return "\n".join(_format_section_lines(result))


def _describe_machine() -> Iterator[str]:
    yield (
        f"Seen on {os.cpu_count()} cores ({_read_processor_name()}), Python {platform.python_version()}, "
        f"{RUN_COUNT} runs of each;"
    )
    yield ", ".join(found for name in REPORTED_LIBRARIES if (found := _format_library_version(name))) + "."


def _read_processor_name() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in told if line.startswith("model name")), platform.machine())


def _format_library_version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return ""


def _format_section_lines(result: SectionResult | ScoreTimings) -> Iterator[str]:
    yield from _format_score_timings(result) if isinstance(result, ScoreTimings) else _format_section_result(result)


def _format_section_result(found: SectionResult) -> Iterator[str]:
    yield f"\n## {found.title}\n"
    yield from _format_table(found.measurements)
    if found.ratios:
        yield "\n| beside | times as long, row for row | spread | asked |\n|---|---|---|---|"
    for ours, other, times, wanted in found.ratios:
        yield (
            f"| {other} beside {ours} | {_format_times(times.middle)} | {_format_times(times.least)} to "
            f"{_format_times(times.most)} "
            f"| {_format_target(times.middle, wanted)} |"
        )
    yield f"\n{found.remark}"
    yield from (f"\n{line}" for line in found.missing_packages)


def _format_score_timings(result: ScoreTimings) -> Iterator[str]:
    yield "\n## The whole run and the commands\n"
    yield from _format_table([*result.whole, *result.commands])
    for one in [*result.whole, *result.commands]:
        if (most := SECONDS_LIMITS.get(one.name)) is not None and one.median > most:
            yield f"\n{one.name}: {one.median:.2f} s, {one.median - most:.2f} s over the {most:g} s asked."
    whole = sum(result.steps.values())
    yield "\n| step of a warm run | seconds | share |\n|---|---|---|"
    for name, seconds in result.steps.items():
        yield f"| {name} | {seconds:.2f} | {seconds / whole:.0%} |"
    yield "\n| the floor | how much | seconds |\n|---|---|---|"
    for name, much, seconds in result.floor:
        yield f"| {name} | {much} | {seconds:.3f} |"
    least = sum(seconds for _, _, seconds in result.floor)
    yield f"\nThe floor takes {least:.2f} s; a warm run takes {whole / least:.0f} times that."


def _format_table(measured: Sequence[Measurement]) -> Iterator[str]:
    yield "| measured | rows | median s | spread s | rows a second | peak MB |\n|---|---|---|---|---|---|"
    for one in measured:
        yield (
            f"| {one.name} | {one.rows:,} | {one.median:.3f} | {min(one.seconds):.3f} to {max(one.seconds):.3f} "
            f"| {one.rows / one.median:,.1f} | {one.peak:,} |"
        )


def _format_times(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}"


def _format_target(middle: float, wanted: float | None) -> str:
    if wanted is None:
        return "–"
    return f"{wanted:g}: {'met' if middle >= wanted else f'missed by {wanted - middle:.1f}'}"
