"""Compares two rulebooks on the last run: entries that differ, and partners whose decisions change."""

import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from pydantic import BaseModel

from features.bad_input import BadInput
from features.indices.index_inputs import build_index_inputs
from features.panel import build_panel
from features.snapshot.freshness import read_snapshot_day
from features.snapshot.snapshot import Snapshot
from features.vocabulary import DEFAULT_PROFILE, OUTCOMES
from risk.assessment.decide import decide_by_rules
from risk.assessment.partner_overview import summarize_partners
from risk.assessment.rule_inputs import build_rule_input_schema, build_rule_inputs, load_designations_on
from risk.assessment.tiers import build_outcome_tier_expr
from risk.cases.tables.loading import load_transfer_tables
from risk.ledger.deadlines import DEADLINES, read_deadlines
from risk.outputs.last_run import open_last_run
from risk.portfolio.tables import check_portfolio
from risk.rules.loading import RULEBOOK_FOLDER, validate_rulebook
from risk.rules.rulebook import Rulebook
from risk.rules.rulebook_files import read_rulebook

ENTRY_COLUMNS = ("part", "id", "change", "fields")
PARTNER_COLUMNS = ("iso3", "partner", "what", "rule", "before", "after")
FOLLOWED_BY = {"positive_condition": "reward", "trigger": "way out"}
BENCHMARK_COLUMNS = ("benchmark_measure", "benchmark_asked", "benchmark_by")


@dataclass(frozen=True)
class RulebookChanges:
    """entries: part, id, change, fields; partners: iso3, partner, what, rule, before, after. All text, in order."""

    entries: pl.DataFrame
    partners: pl.DataFrame


@dataclass(frozen=True)
class RulebookOutcome:
    """A rulebook and its results for the last run's forecasts and facts."""

    book: Rulebook
    rule_inputs: pl.DataFrame
    decisions: pl.DataFrame
    partners: pl.DataFrame


def compare_rulebooks(
    old: str, new: str, out: Path, snapshot: Snapshot, on: date | None = None, home: Path = RULEBOOK_FOLDER
) -> RulebookChanges:
    """Compare two rulebooks, each a folder or a revision, on the last run in `out`, as of its day or another.

    Raises BadInput if either cannot be read, or if there is no last run.
    """
    with open_last_run(out) as last_run:
        scores, panel = last_run.read_table("scores"), last_run.read_table("panel")
        day = on or last_run.day
    before, after = (_apply_named_rulebook(name, scores, panel, day, home, snapshot) for name in (old, new))
    return RulebookChanges(
        pl.DataFrame(
            list(_compare_entries(before.book, after.book)),
            schema=dict.fromkeys(ENTRY_COLUMNS, pl.String),
            orient="row",
        ),
        list_changed_decisions(before, after),
    )


def list_changed_decisions(before: RulebookOutcome, after: RulebookOutcome) -> pl.DataFrame:
    """List changed decisions: iso3, partner, what, rule, before, after; all text, sorted."""
    return pl.DataFrame(
        sorted(_compare_decisions(before, after)), schema=dict.fromkeys(PARTNER_COLUMNS, pl.String), orient="row"
    )


def apply_rulebook(
    book: Rulebook, scores: pl.DataFrame, panel: pl.DataFrame, listed: pl.DataFrame, day: date, snapshot: Snapshot
) -> RulebookOutcome:
    """What a rulebook makes of forecasts (with tiers) and facts on a day."""
    latest = panel.filter(pl.col("origin") == scores["origin"].max())
    standing = build_rule_inputs(scores, latest, listed, build_index_inputs(DEFAULT_PROFILE, snapshot))
    # Joined lines would show rules as lost that are only told in another's line.
    decisions = decide_by_rules(standing, book, day, most=None)
    return RulebookOutcome(book, standing, decisions, summarize_partners(standing, decisions, book, day))


def _apply_named_rulebook(
    name: str, scores: pl.DataFrame, panel: pl.DataFrame, day: date, home: Path, snapshot: Snapshot
) -> RulebookOutcome:
    with open_named_rulebook(name, home) as folder:
        try:
            files = read_rulebook(folder)
            listed = load_designations_on(files, day)
            book = validate_rulebook(
                files, build_rule_input_schema(panel, listed, build_index_inputs(DEFAULT_PROFILE, snapshot))
            )
            tiers = scores.with_columns(tier=build_outcome_tier_expr(book, day))
        except BadInput as error:
            raise BadInput(f"{name}: {error}") from None
    return apply_rulebook(book, tiers, panel, listed, day, snapshot)


def _compare_entries(old: Rulebook, new: Rulebook) -> Iterator[tuple[str, str, str, str]]:
    before, after = dict(_list_entries(old)), dict(_list_entries(new))
    for key in sorted(before | after):
        was, now = before.get(key), after.get(key)
        if was is None or now is None:
            yield *key, "added" if was is None else "removed", ""
        elif was != now:
            yield *key, "changed", ", ".join(name for name in now if was.get(name) != now[name])


def _list_entries(book: Rulebook) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """Yield every entry by part and ID: rules by kind, all others by the name of their part."""
    for field in fields(book):
        values = getattr(book, field.name)
        for entry in values.values() if isinstance(values, Mapping) else values:
            if isinstance(entry, BaseModel):
                content = entry.model_dump(mode="json")
                yield (content.get("kind", field.name), content.get("id") or content["columns"]), content


def _compare_decisions(old: RulebookOutcome, new: RulebookOutcome) -> Iterator[tuple[str, ...]]:
    names = dict(new.partners.select("iso3", "partner").iter_rows())
    labels = [(f"{outcome}_tier", f"tier of {outcome.replace('_', ' ')}") for outcome in OUTCOMES]
    for before, after, columns in (
        (old.rule_inputs, new.rule_inputs, labels),
        (old.partners, new.partners, [("posture", "posture")]),
    ):
        for column, what in columns:
            pairs = zip(before["iso3"], before[column], after[column], strict=True)
            yield from ((iso3, names[iso3], what, "", was, now) for iso3, was, now in pairs if was != now)
    rows_before, rows_after = _index_by_rule(old), _index_by_rule(new)
    for key in rows_before | rows_after:
        for what, was, now in _compare_rule_lines(rows_before.get(key), rows_after.get(key)):
            yield key[0], names[key[0]], what, key[1], was, now


def _index_by_rule(outcome: RulebookOutcome) -> dict[tuple[str, str], dict[str, Any]]:
    reasons = {rule.id: rule.because for rule in outcome.book.rules}
    rows = outcome.decisions.to_dicts()
    for row in rows:
        row["bar"] = row["because"].removeprefix(reasons[row["rule"]]).strip() if row["kind"] != "trigger" else ""
    return {(row["iso3"], row["rule"]): row for row in rows}


def _compare_rule_lines(was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Iterator[tuple[str, str, str]]:
    """Yield the changes of one rule's row for one partner: what, before, after."""
    if was is None or now is None:
        line = was or now or {}
        yield ("rule gained", "", line["result"]) if was is None else ("rule lost", line["result"], "")
        return
    if was["result"] != now["result"]:
        yield "result", was["result"], now["result"]
    if any(was[name] != now[name] for name in BENCHMARK_COLUMNS):
        yield "benchmark", _format_benchmark(was), _format_benchmark(now)
    for column, what in (("unlocks", FOLLOWED_BY.get(now["kind"], "steps")), ("bar", "bar")):
        if was[column] != now[column]:
            yield what, was[column] or "none", now[column] or "none"


def _format_benchmark(line: Mapping[str, Any]) -> str:
    benchmark = line["benchmark_asked"]
    value = "not known" if benchmark is None else f"{benchmark:g}"
    return f"{line['benchmark_measure']} {value} by {line['benchmark_by']}"


@contextmanager
def open_named_rulebook(name: str, home: Path = RULEBOOK_FOLDER) -> Iterator[Path]:
    """Yield a rulebook folder: the one named, or `home` at a revision, such as HEAD~3 or a tag.

    Raises BadInput if the name is neither.
    """
    if name and Path(name).is_dir():
        yield Path(name)
        return
    content = _archive_revision(name, home)
    with TemporaryDirectory() as folder, tarfile.open(fileobj=BytesIO(content)) as archive:
        archive.extractall(folder, filter="data")
        yield Path(folder)


def _archive_revision(name: str, home: Path) -> bytes:
    top = _run_git(home, "rev-parse", "--show-toplevel")
    commit = top and _run_git(home, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if not top or not commit:
        revision = (
            f"a revision of the git repository of {home}" if top else f"a revision ({home} is not in a git repository)"
        )
        raise BadInput(f"{name!r} is neither a folder nor {revision}")
    prefix = _run_git(home, "rev-parse", "--show-prefix").decode().strip().rstrip("/")
    content = _run_git(
        Path(top.decode().rstrip("\n")), "archive", "--format=tar", f"{commit.decode().strip()}:{prefix}"
    )
    if not content:
        raise BadInput(f"{name!r} has no rulebook: {prefix} does not exist at that revision")
    return content


def _run_git(folder: Path, *arguments: str) -> bytes:
    """Return git's output, or nothing if it fails or is not installed."""
    try:
        process = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=False)
    except OSError:
        return b""
    return process.stdout if process.returncode == 0 else b""


def check_rulebook(folder: Path = RULEBOOK_FOLDER, *, snapshot: Snapshot) -> Rulebook:
    """Read a rulebook, and what transfers, portfolio and ledger go by, against standing and snapshot; score nobody."""
    files = read_rulebook(folder)
    panel, listed = build_panel(DEFAULT_PROFILE, snapshot), load_designations_on(files, read_snapshot_day(snapshot))
    indexed = build_index_inputs(DEFAULT_PROFILE, snapshot)
    book = validate_rulebook(files, build_rule_input_schema(panel, listed, indexed))
    if files.has_transfers:
        load_transfer_tables(files, book)
    if files.has_portfolio:
        check_portfolio(files, book.schema, snapshot)
    if DEADLINES.name in files.contents:
        read_deadlines(files.parse_file(DEADLINES.name))
    return book
