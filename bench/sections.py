"""The sections of `risk bench`, each measured and put beside its alternatives."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import cases, cluster, pages, panel, reasons, rules, training
from bench.measure import Measured, Ratio, Side, by_turns, missing, ratio
from bench.score import Scored, scored
from bench.unix import require_unix
from features.bad_input import BadInput
from risk.outputs.last_run import last_standing


@dataclass(frozen=True)
class Section:
    """Ways to the same end, what is checked of their results, and which are compared: ours and the other's name; the
    times as long that a row should take the other way, where that was asked."""

    title: str
    sides: Sequence[Side]
    check: Callable[[Sequence[Measured]], str]
    compared: Sequence[tuple[str, str, float | None]]


@dataclass(frozen=True)
class Found:
    """A section measured: the figures, each ratio with what was asked of it, a remark and who was left out."""

    title: str
    measured: Sequence[Measured]
    ratios: Sequence[tuple[str, str, Ratio, float | None]]
    remark: str
    left_out: Sequence[str]


def _beside_first(sides: Sequence[Side], *asked: float | None) -> list[tuple[str, str, float | None]]:
    return [(sides[0].what, side.what, wanted) for side, wanted in zip(sides[1:], asked, strict=True)]


SECTIONS = {
    "panel": Section("The panel", panel.SIDES, panel.check, _beside_first(panel.SIDES, 8)),
    "training": Section("Training", training.SIDES, training.check, _beside_first(training.SIDES, None, None)),
    "reasons": Section("Reasons", reasons.SIDES, reasons.check, _beside_first(reasons.SIDES, 10, None, None)),
    "rules": Section(
        "The rules",
        rules.SIDES,
        rules.check,
        [
            ("rules, all at once", "rules, row by row in Python", None),
            ("rules, all at once", "rules, row by row by rule-engine", 500),
        ],
    ),
    "cases": Section("Cases", cases.SIDES, cases.check, [(cases.STREAMED, cases.BY_ROW, None)]),
    "pages": Section(
        "Pages and documents",
        pages.SIDES,
        pages.check,
        [
            ("document, the engine's PDF (Typst)", "document, the page by WeasyPrint", None),
            ("page, the engine's HTML", "page of interactive charts (Plotly)", None),
        ],
    ),
    "cluster": Section(
        "On a cluster",
        cluster.SIDES,
        cluster.check,
        [(cluster.TWO, cluster.ONE, cluster.ASKED), (cluster.TWO, cluster.OWN, None)],
    ),
}
SCORE = "score"
NAMES = (*SECTIONS, SCORE)


def measure(named: str, out: Path) -> Iterator[Found | Scored]:
    """Measure one section, or all, from the outputs of the last run in `out`."""
    if named not in (*NAMES, "all"):
        raise BadInput(f"unknown section {named!r}, expected one of {', '.join(NAMES)}, all")
    require_unix("bench")
    last_standing(out)
    for name in NAMES if named == "all" else (named,):
        yield scored() if name == SCORE else found(SECTIONS[name], out)


def found(section: Section, out: Path) -> Found:
    """One section run by turns, its results checked."""
    measured = by_turns(section.sides, out)
    first = {one.what: one for one in reversed(measured)}
    ratios = [
        (ours, other, ratio(first[ours], first[other]), wanted)
        for ours, other, wanted in section.compared
        if ours in first and other in first
    ]
    return Found(section.title, measured, ratios, section.check(measured), missing(section.sides))
