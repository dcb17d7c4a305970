"""The sections of `risk bench`, each measured and put beside its alternatives."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import cases, cluster, pages, panel, reasons, rules, training
from bench.measure import Contender, Measurement, TimeRatio, compute_time_ratio, list_missing_packages, measure_by_turns
from bench.score import ScoreTimings, measure_score_run
from bench.unix import require_unix
from features.bad_input import BadInput
from risk.outputs.last_run import read_last_table


@dataclass(frozen=True)
class BenchSection:
    """Ways to the same end, what is checked of their results, and which are compared: ours and the other's name; the
    times as long that a row should take the other way, where that was asked."""

    title: str
    contenders: Sequence[Contender]
    check: Callable[[Sequence[Measurement]], str]
    comparisons: Sequence[tuple[str, str, float | None]]


@dataclass(frozen=True)
class SectionResult:
    """A section measured: the figures, each ratio with what was asked of it, a remark and who was left out."""

    title: str
    measurements: Sequence[Measurement]
    ratios: Sequence[tuple[str, str, TimeRatio, float | None]]
    remark: str
    missing_packages: Sequence[str]


def _compare_with_first(sides: Sequence[Contender], *asked: float | None) -> list[tuple[str, str, float | None]]:
    return [(sides[0].name, side.name, wanted) for side, wanted in zip(sides[1:], asked, strict=True)]


BENCH_SECTIONS = {
    "panel": BenchSection(
        "The panel", panel.PANEL_CONTENDERS, panel.check_panel_results, _compare_with_first(panel.PANEL_CONTENDERS, 8)
    ),
    "training": BenchSection(
        "Training",
        training.TRAINING_CONTENDERS,
        training.describe_training_results,
        _compare_with_first(training.TRAINING_CONTENDERS, None, None),
    ),
    "reasons": BenchSection(
        "Reasons",
        reasons.REASON_CONTENDERS,
        reasons.describe_reason_results,
        _compare_with_first(reasons.REASON_CONTENDERS, 10, None, None),
    ),
    "rules": BenchSection(
        "The rules",
        rules.RULE_CONTENDERS,
        rules.check_rule_results,
        [
            ("rules, all at once", "rules, row by row in Python", None),
            ("rules, all at once", "rules, row by row by rule-engine", 500),
        ],
    ),
    "cases": BenchSection(
        "Cases", cases.CASE_CONTENDERS, cases.check_case_results, [(cases.STREAMED_REVIEW, cases.ROW_REVIEW, None)]
    ),
    "pages": BenchSection(
        "Pages and documents",
        pages.PAGE_CONTENDERS,
        pages.describe_page_sizes,
        [
            ("document, the engine's PDF (Typst)", "document, the page by WeasyPrint", None),
            ("page, the engine's HTML", "page of interactive charts (Plotly)", None),
        ],
    ),
    "cluster": BenchSection(
        "On a cluster",
        cluster.CLUSTER_CONTENDERS,
        cluster.check_cluster_results,
        [
            (cluster.TWO_WORKERS, cluster.ONE_WORKER, cluster.WANTED_RATIO),
            (cluster.TWO_WORKERS, cluster.OWN_PROCESSES, None),
        ],
    ),
}
SCORE_SECTION = "score"
SECTION_NAMES = (*BENCH_SECTIONS, SCORE_SECTION)


def measure_sections(named: str, out: Path) -> Iterator[SectionResult | ScoreTimings]:
    """Measure one section, or all, from the outputs of the last run in `out`."""
    if named not in (*SECTION_NAMES, "all"):
        raise BadInput(f"unknown section {named!r}, expected one of {', '.join(SECTION_NAMES)}, all")
    require_unix("bench")
    read_last_table(out, "standing")
    for name in SECTION_NAMES if named == "all" else (named,):
        yield measure_score_run() if name == SCORE_SECTION else measure_section(BENCH_SECTIONS[name], out)


def measure_section(section: BenchSection, out: Path) -> SectionResult:
    """One section run by turns, its results checked."""
    measured = measure_by_turns(section.contenders, out)
    first = {one.name: one for one in reversed(measured)}
    ratios = [
        (ours, other, compute_time_ratio(first[ours], first[other]), wanted)
        for ours, other, wanted in section.comparisons
        if ours in first and other in first
    ]
    return SectionResult(
        section.title, measured, ratios, section.check(measured), list_missing_packages(section.contenders)
    )
