"""Report on a comparison of two snapshots, in sections for the console and a Markdown page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from features.vocabulary import HEADLINE_OUTCOME
from risk.outputs.writing import stage_outputs, write_csv
from risk.publishing.drift_text import describe_drift
from risk.report.formatting import format_percent
from risk.workflows.compare_snapshots import DIFF_FOLDER, FACTS_EFFECT, MODELS_EFFECT, SnapshotChanges

SHOWN_MOVES, SHOWN_REASONS, SHOWN_LINES = 10, 3, 20
SCORE_HEADINGS = ("partner", "before", "new facts", "retrained", "tier before", "tier new facts", "tier after")
METHOD_NOTE = (
    "Two effects in sequence: first the facts change and today's models stay; then the models are retrained on the "
    "new snapshot. Contributions are log-odds: associations in the models, not causes."
)


class DigestSection(NamedTuple):
    """A heading, a note, and optionally a table."""

    title: str
    note: str
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def write_snapshot_report(changes: SnapshotChanges, out: Path) -> Path:
    """Write scores.csv, contributions.csv, decisions.csv and summary.md to out/data_diff, and return it."""
    folder = out / DIFF_FOLDER
    with stage_outputs(folder) as staging:
        for name in ("scores", "contributions", "decisions"):
            write_csv(getattr(changes, name), staging / f"{name}.csv")
        (staging / "summary.md").write_text(_format_markdown(changes), encoding="utf-8", newline="\n")
    return folder


def build_digest(changes: SnapshotChanges) -> list[DigestSection]:
    """Build the digest: changed tiers, largest changes and reasons, packages, and drift of the new inputs."""
    scores = changes.scores.filter(outcome=HEADLINE_OUTCOME)
    tiers = scores.filter(pl.col("tier_before") != pl.col("tier_after"))
    move = (pl.col("probability_after") - pl.col("probability_before")).abs()
    largest = scores.sort(move, "iso3", descending=[True, False], nulls_last=True).head(SHOWN_MOVES)
    shown = pl.concat([tiers, largest]).unique("iso3", maintain_order=True)
    return [
        DigestSection(
            f"Tier of misuse: {tiers.height} of {scores.height} partners change",
            "",
            SCORE_HEADINGS,
            _format_score_rows(tiers),
        ),
        DigestSection(
            f"The {largest.height} largest changes in the probability of misuse",
            "",
            SCORE_HEADINGS,
            _format_score_rows(largest),
        ),
        DigestSection(
            "Reasons for these changes",
            METHOD_NOTE,
            ("partner", "effect", "log-odds", "main contributions"),
            tuple(_explain_moves(changes, shown)),
        ),
        DigestSection(
            *_describe_packages(changes.decisions),
            ("effect", "change", "partners", "rows"),
            _count_decisions(changes.decisions),
        ),
        *_describe_postures(changes.decisions),
        *_describe_members(changes),
        *(
            DigestSection("Drift of the new inputs", line)
            for line in ["\n".join(describe_drift(changes.drift))]
            if line
        ),
    ]


def _format_score_rows(rows: pl.DataFrame) -> tuple[tuple[str, ...], ...]:
    steps = ("before", FACTS_EFFECT, "after")
    return tuple(
        (
            row["partner"],
            *(format_percent(row[f"probability_{step}"]) or "referred" for step in steps),
            *(row[f"tier_{step}"] for step in steps),
        )
        for row in rows.iter_rows(named=True)
    )


def _explain_moves(changes: SnapshotChanges, shown: pl.DataFrame) -> Iterator[tuple[str, ...]]:
    by_partner = changes.contributions.filter(outcome=HEADLINE_OUTCOME)
    for row in shown.iter_rows(named=True):
        for effect in (FACTS_EFFECT, MODELS_EFFECT):
            parts = by_partner.filter(iso3=row["iso3"], effect=effect).head(SHOWN_REASONS)
            text = "; ".join(_format_contribution(part) for part in parts.iter_rows(named=True))
            yield (
                row["partner"],
                effect,
                f"{round(row[f'log_odds_by_{effect}'], 2) + 0.0:+.2f}",
                text or "nothing notable",
            )


def _format_contribution(part: dict[str, Any]) -> str:
    values = [part["value_before"], part["value_after"]]
    moved = f" ({_format_value(values[0])} to {_format_value(values[1])})" if values[0] != values[1] else ""
    return f"{part['label']}{moved} {part['change']:+.2f}"


def _format_value(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3g}"


def _describe_packages(decisions: pl.DataFrame) -> tuple[str, str]:
    count = decisions.filter(pl.col("what") != "benchmark")["iso3"].n_unique()
    return f"Packages: decisions change for {count} partners (benchmarks not counted)", ""


def _count_decisions(decisions: pl.DataFrame) -> tuple[tuple[str, ...], ...]:
    counted = decisions.group_by("effect", "what").agg(partners=pl.col("iso3").n_unique(), lines=pl.len())
    return tuple(tuple(map(str, row)) for row in counted.sort("effect", "what").rows())


def _describe_postures(decisions: pl.DataFrame) -> Iterator[DigestSection]:
    moved = decisions.filter(pl.col("what").is_in(["posture", "rule gained", "rule lost"]))
    first = moved.sort(pl.col("what") != "posture", "effect", "iso3", "rule").head(SHOWN_LINES)
    if moved.height:
        rows = first.select("partner", "effect", "what", "rule", "before", "after").rows()
        title = f"Postures and rules: {first.height} of {moved.height} rows, all in decisions.csv"
        headings = ("partner", "effect", "change", "rule", "before", "after")
        yield DigestSection(title, "", headings, tuple(tuple(map(str, row)) for row in rows))


def _describe_members(changes: SnapshotChanges) -> Iterator[DigestSection]:
    if changes.members:
        rows = tuple((outcome, *names) for outcome, names in sorted(changes.members.items()))
        note = "Each training reselects members; small differences can change the selection, for all partners at once."
        yield DigestSection("Ensembles whose members change", note, ("outcome", "before", "after"), rows)


def _format_markdown(changes: SnapshotChanges) -> str:
    lines = ["# What another snapshot would change", ""]
    lines += [f"Snapshot in use `{changes.before[:12]}`, compared with `{changes.after[:12]}`.", ""]
    for section in build_digest(changes):
        lines += [f"## {section.title}", ""]
        lines += [section.note, ""] if section.note else []
        if section.rows:
            lines += [
                _format_row(section.headings),
                _format_row(("---",) * len(section.headings)),
                *map(_format_row, section.rows),
                "",
            ]
    return "\n".join(lines)


def _format_row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(_escape_cell(cell) for cell in cells) + " |"


def _escape_cell(cell: str) -> str:
    """Escape text so that it neither breaks a row nor becomes HTML or a link."""
    for sign, escape in (("\\", "\\\\"), ("|", "\\|"), ("[", "\\["), ("&", "&amp;"), ("<", "&lt;"), ("\n", " ")):
        cell = cell.replace(sign, escape)
    return cell
