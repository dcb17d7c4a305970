"""What a comparison of two snapshots comes to, as sections that the console and a page of Markdown both show."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from features.vocabulary import HEADLINE
from risk.outputs.writing import staged_outputs, write_csv
from risk.publishing.drift_text import drift_lines
from risk.report.formatting import percent
from risk.workflows.compare_snapshots import FACTS, FOLDER, MODELS, DataChanges

LARGEST, REASONS, LINES = 10, 3, 20
HEADINGS = ("partner", "before", "new facts", "models anew", "tier before", "tier new facts", "tier after")
HOW = (
    "Two effects, one after the other: first the facts change and today's models stay; then the models are trained "
    "anew on the new snapshot. Contributions are log-odds: associations in the models, not causes."
)


class Section(NamedTuple):
    """A heading, a note, and a table where there is one."""

    title: str
    note: str
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def write_changes(changes: DataChanges, out: Path) -> Path:
    """Write scores.csv, contributions.csv, decisions.csv and summary.md to out/data_diff; the folder."""
    folder = out / FOLDER
    with staged_outputs(folder) as staging:
        for name in ("scores", "contributions", "decisions"):
            write_csv(getattr(changes, name), staging / f"{name}.csv")
        (staging / "summary.md").write_text(_markdown(changes), encoding="utf-8", newline="\n")
    return folder


def digest(changes: DataChanges) -> list[Section]:
    """Tiers that change, the largest moves and why, packages, and drift of the new inputs."""
    scores = changes.scores.filter(outcome=HEADLINE)
    tiers = scores.filter(pl.col("tier_before") != pl.col("tier_after"))
    move = (pl.col("probability_after") - pl.col("probability_before")).abs()
    largest = scores.sort(move, "iso3", descending=[True, False], nulls_last=True).head(LARGEST)
    shown = pl.concat([tiers, largest]).unique("iso3", maintain_order=True)
    return [
        Section(f"Tier of misuse: {tiers.height} of {scores.height} partners change", "", HEADINGS, _scored(tiers)),
        Section(f"The {largest.height} largest moves of the probability of misuse", "", HEADINGS, _scored(largest)),
        Section(
            "Why these move", HOW, ("partner", "because of", "log-odds", "most of it"), tuple(_why(changes, shown))
        ),
        Section(
            *_packages(changes.decisions), ("because of", "what", "partners", "lines"), _counted(changes.decisions)
        ),
        *_postures(changes.decisions),
        *_members(changes),
        *(Section("Drift of the new inputs", line) for line in ["\n".join(drift_lines(changes.drift))] if line),
    ]


def _scored(rows: pl.DataFrame) -> tuple[tuple[str, ...], ...]:
    steps = ("before", FACTS, "after")
    return tuple(
        (
            row["partner"],
            *(percent(row[f"probability_{step}"]) or "referred" for step in steps),
            *(row[f"tier_{step}"] for step in steps),
        )
        for row in rows.iter_rows(named=True)
    )


def _why(changes: DataChanges, shown: pl.DataFrame) -> Iterator[tuple[str, ...]]:
    by_partner = changes.contributions.filter(outcome=HEADLINE)
    for row in shown.iter_rows(named=True):
        for effect in (FACTS, MODELS):
            parts = by_partner.filter(iso3=row["iso3"], effect=effect).head(REASONS)
            told = "; ".join(_part(part) for part in parts.iter_rows(named=True))
            yield (
                row["partner"],
                effect,
                f"{round(row[f'log_odds_by_{effect}'], 2) + 0.0:+.2f}",
                told or "nothing of note",
            )


def _part(part: dict[str, Any]) -> str:
    values = [part["value_before"], part["value_after"]]
    moved = f" ({_short(values[0])} to {_short(values[1])})" if values[0] != values[1] else ""
    return f"{part['label']}{moved} {part['change']:+.2f}"


def _short(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3g}"


def _packages(decisions: pl.DataFrame) -> tuple[str, str]:
    count = decisions.filter(pl.col("what") != "benchmark")["iso3"].n_unique()
    return f"Packages: {count} partners are decided on otherwise, benchmarks aside", ""


def _counted(decisions: pl.DataFrame) -> tuple[tuple[str, ...], ...]:
    counted = decisions.group_by("effect", "what").agg(partners=pl.col("iso3").n_unique(), lines=pl.len())
    return tuple(tuple(map(str, row)) for row in counted.sort("effect", "what").rows())


def _postures(decisions: pl.DataFrame) -> Iterator[Section]:
    moved = decisions.filter(pl.col("what").is_in(["posture", "rule gained", "rule lost"]))
    first = moved.sort(pl.col("what") != "posture", "effect", "iso3", "rule").head(LINES)
    if moved.height:
        rows = first.select("partner", "effect", "what", "rule", "before", "after").rows()
        title = f"Postures and rules: {first.height} of {moved.height} lines, all in decisions.csv"
        headings = ("partner", "because of", "what", "rule", "before", "after")
        yield Section(title, "", headings, tuple(tuple(map(str, row)) for row in rows))


def _members(changes: DataChanges) -> Iterator[Section]:
    if changes.members:
        rows = tuple((outcome, *names) for outcome, names in sorted(changes.members.items()))
        note = (
            "Training chooses anew which members count, and little can turn the choice; it moves all partners at once."
        )
        yield Section("Ensembles whose members change", note, ("outcome", "before", "after"), rows)


def _markdown(changes: DataChanges) -> str:
    lines = ["# What another snapshot would change", ""]
    lines += [f"Snapshot in use `{changes.before[:12]}`, the other `{changes.after[:12]}`.", ""]
    for section in digest(changes):
        lines += [f"## {section.title}", ""]
        lines += [section.note, ""] if section.note else []
        if section.rows:
            lines += [_row(section.headings), _row(("---",) * len(section.headings)), *map(_row, section.rows), ""]
    return "\n".join(lines)


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(_escaped(cell) for cell in cells) + " |"


def _escaped(cell: str) -> str:
    """Text that neither breaks a row nor is read as HTML or a link."""
    for sign, instead in (("\\", "\\\\"), ("|", "\\|"), ("[", "\\["), ("&", "&amp;"), ("<", "&lt;"), ("\n", " ")):
        cell = cell.replace(sign, instead)
    return cell
