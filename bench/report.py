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

`make bench` measures this on your machine and writes this page from the results; `risk bench --section panel` prints
one section. It needs the outputs of a run and scores first if there are none.

Each contender runs in its own process, whose peak memory is shown. Contenders take turns, so that other load on the
machine affects them equally; the first run of each is not counted. A ratio compares the runs of one turn, per row:
above 1, the alternative takes longer.
"""
PAGE_REASONS = """
## Why

- **Rules.** A condition shared by several rules is evaluated once; only the columns that rules read are touched; rows
  are processed 65,536 at a time, so that memory grows only with the results. Evidence, a text for each line, costs over
  a thousand times more per row and is written only for the partners decided on. rule-engine compares one value at a
  time in Python; it has no unknown value, so the same three-valued logic combines its comparisons.
- **Reasons.** The leaves of all trees are walked as arrays. A column's contribution in a leaf depends only on which of
  its few steps a row passes, so it is computed once per pattern and looked up, exactly; SHAP walks every tree again for
  every row, and a tree of 31 leaves has longer paths.
- **Panel.** Tables are parsed in parallel and their rows aligned by one look-up to one grid, whose states are padded so
  that most windows need no grouping; everything is derived and carried forward in one pass, without query planning.
  About half of the remaining time is reading, checking and aligning tables; the cards alone take a tenth of the whole,
  in Python on one core. pandas gets its best setup: every table grouped once, compiled windows, one look-up per measure
  for all its derived columns, and the same checks.
- **Cluster.** The longest fits are submitted first. Two workers share the machine with the caller and the scheduler,
  and each fit takes a tenth to a fifth longer than on a single worker.
- **Pages.** Charts are short SVG written as text; the only layout is the browser's.
"""


def format_page(results: Sequence[SectionResult | ScoreTimings]) -> str:
    """The whole page."""
    parts = [part for result in results for part in _format_section_lines(result)]
    return "\n".join([PAGE_OPENING, *_describe_machine(), *parts]) + "\n" + PAGE_REASONS


def format_section(result: SectionResult | ScoreTimings) -> str:
    """One section, as printed on the terminal."""
    return "\n".join(_format_section_lines(result))


def _describe_machine() -> Iterator[str]:
    yield (
        f"Measured on {os.cpu_count()} cores ({_read_processor_name()}), Python {platform.python_version()}, "
        f"{RUN_COUNT} runs of each;"
    )
    yield ", ".join(text for name in REPORTED_LIBRARIES if (text := _format_library_version(name))) + "."


def _read_processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _format_library_version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return ""


def _format_section_lines(result: SectionResult | ScoreTimings) -> Iterator[str]:
    yield from _format_score_timings(result) if isinstance(result, ScoreTimings) else _format_section_result(result)


def _format_section_result(result: SectionResult) -> Iterator[str]:
    yield f"\n## {result.title}\n"
    yield from _format_table(result.measurements)
    if result.ratios:
        yield "\n| comparison | times as long per row | range | target |\n|---|---|---|---|"
    for ours, other, times, wanted in result.ratios:
        yield (
            f"| {other} vs. {ours} | {_format_times(times.middle)} | {_format_times(times.least)} to "
            f"{_format_times(times.most)} "
            f"| {_format_target(times.middle, wanted)} |"
        )
    yield f"\n{result.remark}"
    yield from (f"\n{line}" for line in result.missing_packages)


def _format_score_timings(result: ScoreTimings) -> Iterator[str]:
    yield "\n## The whole run and the commands\n"
    yield from _format_table([*result.whole, *result.commands])
    for row in [*result.whole, *result.commands]:
        if (limit := SECONDS_LIMITS.get(row.name)) is not None and row.median > limit:
            yield f"\n{row.name}: {row.median:.2f} s, {row.median - limit:.2f} s over the limit of {limit:g} s."
    whole = sum(result.steps.values())
    yield "\n| step of a warm run | seconds | share |\n|---|---|---|"
    for name, seconds in result.steps.items():
        yield f"| {name} | {seconds:.2f} | {seconds / whole:.0%} |"
    yield "\n| minimum work | amount | seconds |\n|---|---|---|"
    for name, amount, seconds in result.floor:
        yield f"| {name} | {amount} | {seconds:.3f} |"
    floor_seconds = sum(seconds for _, _, seconds in result.floor)
    yield f"\nThe minimum work takes {floor_seconds:.2f} s; a warm run takes {whole / floor_seconds:.0f} times as long."


def _format_table(measured: Sequence[Measurement]) -> Iterator[str]:
    yield "| measured | rows | median s | range s | rows per second | peak MB |\n|---|---|---|---|---|---|"
    for row in measured:
        yield (
            f"| {row.name} | {row.rows:,} | {row.median:.3f} | {min(row.seconds):.3f} to {max(row.seconds):.3f} "
            f"| {row.rows / row.median:,.1f} | {row.peak:,} |"
        )


def _format_times(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}"


def _format_target(middle: float, wanted: float | None) -> str:
    if wanted is None:
        return "–"
    return f"{wanted:g}: {'met' if middle >= wanted else f'missed by {wanted - middle:.1f}'}"
