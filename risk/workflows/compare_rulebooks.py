"""What a change of the rulebook does to the last run: entries that differ, and partners decided on otherwise."""

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
from features.panel import build_panel
from features.snapshot.cards import RAW
from features.snapshot.freshness import snapshot_day
from features.vocabulary import OUTCOMES, PROFILE
from risk.assessment.decide import decide
from risk.assessment.partner_overview import partners
from risk.assessment.rule_inputs import build_standing, listed_on, standing_schema
from risk.assessment.tiers import tier_by_outcome
from risk.cases.tables.loading import read_tables
from risk.ledger.deadlines import DEADLINES, read_deadlines
from risk.outputs.atomic_swap import steady
from risk.outputs.last_run import last_table, run_day
from risk.portfolio.tables import check_portfolio
from risk.rules.files import read_rulebook
from risk.rules.loading import RULEBOOK, validate_rulebook
from risk.rules.rulebook import Rulebook

ENTRIES = ("part", "id", "change", "fields")
PARTNERS = ("iso3", "partner", "what", "rule", "before", "after")
FOLLOWS = {"positive_condition": "reward", "trigger": "way out"}
ASKED = ("benchmark_measure", "benchmark_asked", "benchmark_by")


@dataclass(frozen=True)
class Changes:
    """entries: part, id, change, fields; partners: iso3, partner, what, rule, before, after. All text, in order."""

    entries: pl.DataFrame
    partners: pl.DataFrame


@dataclass(frozen=True)
class Side:
    """One rulebook and what it makes of the last run's forecasts and facts."""

    book: Rulebook
    standing: pl.DataFrame
    decisions: pl.DataFrame
    partners: pl.DataFrame


def rule_changes(old: str, new: str, out: Path, on: date | None = None, home: Path = RULEBOOK) -> Changes:
    """Compare two rulebooks, each a folder or a revision, on the last run in `out`, as of its day or another.

    Raises BadInput where either cannot be read, or where there is no last run.
    """
    with steady(out):
        scores, panel = last_table(out, "scores"), last_table(out, "panel")
        day = on or run_day(out)
    before, after = (_named(name, scores, panel, day, home) for name in (old, new))
    return Changes(
        pl.DataFrame(list(_entries(before.book, after.book)), schema=dict.fromkeys(ENTRIES, pl.String), orient="row"),
        decided_otherwise(before, after),
    )


def decided_otherwise(before: Side, after: Side) -> pl.DataFrame:
    """Partners decided on otherwise: iso3, partner, what, rule, before, after; all text, sorted."""
    return pl.DataFrame(sorted(_decided(before, after)), schema=dict.fromkeys(PARTNERS, pl.String), orient="row")


def side(
    book: Rulebook, scores: pl.DataFrame, panel: pl.DataFrame, listed: pl.DataFrame, day: date, raw: Path = RAW
) -> Side:
    """What a rulebook makes of forecasts (with tiers) and facts on a day."""
    latest = panel.filter(pl.col("origin") == scores["origin"].max())
    standing = build_standing(scores, latest, listed, raw)
    # Joined lines would show rules as lost that are only told in another's line.
    decisions = decide(standing, book, day, most=None)
    return Side(book, standing, decisions, partners(standing, decisions, book, day))


def _named(name: str, scores: pl.DataFrame, panel: pl.DataFrame, day: date, home: Path) -> Side:
    with rulebook_named(name, home) as folder:
        try:
            files = read_rulebook(folder)
            listed = listed_on(files, day)
            book = validate_rulebook(files, standing_schema(panel, listed))
            tiers = scores.with_columns(tier=tier_by_outcome(book, day))
        except BadInput as error:
            raise BadInput(f"{name}: {error}") from None
    return side(book, tiers, panel, listed, day)


def _entries(old: Rulebook, new: Rulebook) -> Iterator[tuple[str, str, str, str]]:
    before, after = dict(_told(old)), dict(_told(new))
    for key in sorted(before | after):
        was, now = before.get(key), after.get(key)
        if was is None or now is None:
            yield *key, "added" if was is None else "removed", ""
        elif was != now:
            yield *key, "changed", ", ".join(name for name in now if was.get(name) != now[name])


def _told(book: Rulebook) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """Every entry by part and id: rules by kind, all others by the name of their part."""
    for field in fields(book):
        held = getattr(book, field.name)
        for entry in held.values() if isinstance(held, Mapping) else held:
            if isinstance(entry, BaseModel):
                told = entry.model_dump(mode="json")
                yield (told.get("kind", field.name), told.get("id") or told["columns"]), told


def _decided(old: Side, new: Side) -> Iterator[tuple[str, ...]]:
    names = dict(new.partners.select("iso3", "partner").iter_rows())
    words = [(f"{outcome}_tier", f"tier of {outcome.replace('_', ' ')}") for outcome in OUTCOMES]
    for before, after, columns in (
        (old.standing, new.standing, words),
        (old.partners, new.partners, [("posture", "posture")]),
    ):
        for column, what in columns:
            pairs = zip(before["iso3"], before[column], after[column], strict=True)
            yield from ((iso3, names[iso3], what, "", was, now) for iso3, was, now in pairs if was != now)
    rows_before, rows_after = _by_rule(old), _by_rule(new)
    for key in rows_before | rows_after:
        for what, was, now in _line(rows_before.get(key), rows_after.get(key)):
            yield key[0], names[key[0]], what, key[1], was, now


def _by_rule(side: Side) -> dict[tuple[str, str], dict[str, Any]]:
    reasons = {rule.id: rule.because for rule in side.book.rules}
    rows = side.decisions.to_dicts()
    for row in rows:
        row["bar"] = row["because"].removeprefix(reasons[row["rule"]]).strip() if row["kind"] != "trigger" else ""
    return {(row["iso3"], row["rule"]): row for row in rows}


def _line(was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Iterator[tuple[str, str, str]]:
    """How one rule's line for one partner changed: what, before, after."""
    if was is None or now is None:
        line = was or now or {}
        yield ("rule gained", "", line["result"]) if was is None else ("rule lost", line["result"], "")
        return
    if was["result"] != now["result"]:
        yield "result", was["result"], now["result"]
    if any(was[name] != now[name] for name in ASKED):
        yield "benchmark", _asked(was), _asked(now)
    for column, what in (("unlocks", FOLLOWS.get(now["kind"], "steps")), ("bar", "bar")):
        if was[column] != now[column]:
            yield what, was[column] or "none", now[column] or "none"


def _asked(line: Mapping[str, Any]) -> str:
    asked = line["benchmark_asked"]
    value = "not known" if asked is None else f"{asked:g}"
    return f"{line['benchmark_measure']} {value} by {line['benchmark_by']}"


@contextmanager
def rulebook_named(name: str, home: Path = RULEBOOK) -> Iterator[Path]:
    """The folder of a rulebook: the one named, or `home` as it was at a revision, such as HEAD~3 or a tag.

    Raises BadInput where the name is neither.
    """
    if name and Path(name).is_dir():
        yield Path(name)
        return
    content = _archived(name, home)
    with TemporaryDirectory() as folder, tarfile.open(fileobj=BytesIO(content)) as archive:
        archive.extractall(folder, filter="data")
        yield Path(folder)


def _archived(name: str, home: Path) -> bytes:
    top = _git(home, "rev-parse", "--show-toplevel")
    commit = top and _git(home, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if not top or not commit:
        where = f"a revision of the repository of {home}" if top else f"a revision, for {home} is in no git repository"
        raise BadInput(f"{name!r} is neither a folder nor {where}")
    place = _git(home, "rev-parse", "--show-prefix").decode().strip().rstrip("/")
    content = _git(Path(top.decode().rstrip("\n")), "archive", "--format=tar", f"{commit.decode().strip()}:{place}")
    if not content:
        raise BadInput(f"{name!r} holds no rulebook: there is no {place} at that revision")
    return content


def _git(folder: Path, *arguments: str) -> bytes:
    """What git answers, or nothing where it fails or is not there."""
    try:
        ended = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=False)
    except OSError:
        return b""
    return ended.stdout if ended.returncode == 0 else b""


def check_rulebook(folder: Path = RULEBOOK, raw: Path = RAW) -> Rulebook:
    """Read a rulebook, and what transfers, portfolio and ledger go by, against standing and snapshot; score nobody."""
    files = read_rulebook(folder)
    schema = standing_schema(build_panel(PROFILE, raw), listed_on(files, snapshot_day(raw)))
    book = validate_rulebook(files, schema)
    if files.has_transfers:
        read_tables(files, book)
    if files.has_portfolio:
        check_portfolio(files, book.schema, raw)
    if DEADLINES.name in files.contents:
        read_deadlines(files.parse_file(DEADLINES.name))
    return book
