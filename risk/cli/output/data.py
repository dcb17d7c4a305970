"""What the commands on the snapshot print: a line a source, tables of differences and of age."""

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from features.bad_input import BadInput
from features.refresh.compare import Difference, in_words
from features.refresh.exchange import recover, rollback
from features.refresh.folders import Places
from features.snapshot.cards import RAW, read_card
from features.snapshot.compile import SOURCES, checksum, lag, verify, warnings
from features.snapshot.freshness import freshness
from risk.cli.output.table import show
from risk.outputs.last_run import last_run_record, last_table
from risk.publishing.drift_text import drift_lines
from risk.workflows.compare_snapshots import data_changes
from risk.workflows.snapshot_report import digest, write_changes

# What fetches files takes a while to import, which the status need not wait for.
if TYPE_CHECKING:
    from features.refresh.refresh import Asked, Ended, Told

STANDS = {"failed": "kept as it was", "refused": "kept as it was, the new issue is held"}


def show_refresh(asked: "Asked", today: date, raw: Path = RAW) -> bool:
    """Refresh with a line a source as it goes, then the summary; whether none failed and none was refused."""
    from features.refresh.refresh import refresh

    ended = refresh(asked, today, raw, say=_say)
    for told in ended.told:
        for note in told.notes:
            print(f"  {told.source}: {note}", file=sys.stderr)
    print()
    show(
        ("source", "state", "table", "rows gained", "lost", "partners", "values revised", "latest year"),
        list(_rows(ended.told)),
    )
    for told in ended.told:
        for line in _lines(told):
            print(line)
    print(f"\n{_summary(ended, asked)}")
    return ended.good


def show_accepted(sources: Sequence[str], raw: Path = RAW) -> None:
    """Put held issues in place and say how to undo it."""
    from features.refresh.refresh import accept

    kept, placed = accept(sources, raw)
    print(f"In place: {', '.join(placed)}. What they replaced is kept as {kept}: `risk data rollback` puts it back.")


def show_rollback(source: str | None, raw: Path = RAW) -> None:
    """Put back what a refresh replaced and say what."""
    kept, sources = rollback(source, Places(raw))
    print(f"Back in place, from {kept}: {', '.join(sources)}. What stood instead is kept in data/kept/undone.")


def compile_all(folder: Path, chosen: Sequence[str] | None, raw: Path = RAW) -> bool:
    """Compile each source in turn, one line each; whether all of them succeeded."""
    from features.refresh.exchange import compile_in_place

    good = True
    for source in chosen or SOURCES:
        try:
            card = compile_in_place(source, folder, raw)
        except BadInput as error:
            print(f"{source:15} kept as it was: {error}", file=sys.stderr)
            good = False
            continue
        tables = ", ".join(f"{name} to {table.latest_year or 'date unknown'}" for name, table in card.tables.items())
        print(f"{source:15} {tables}")
        for line in warnings(card, raw):
            print(f"  warning: {line}", file=sys.stderr)
    return good


def show_status(day: date, raw: Path = RAW) -> None:
    """Verify the snapshot and print each table's last year, lag and age, and what is overdue on `day`."""
    if recover(Places(raw)):
        print("An exchange that was cut short has been finished.\n", file=sys.stderr)
    verify(raw)
    tables = list(freshness(raw))
    rows = [
        (one.source, one.table, one.latest_year or "", _lag(one.source, one.table, raw), one.read,
         f"{(day - one.read).days} days", one.due or "no calendar", "overdue" if one.overdue(day) else "")
        for one in tables
    ]  # fmt: skip
    show(("source", "table", "latest year", "lag", "read", "age", "next issue due by", f"on {day}"), rows)
    late = list(dict.fromkeys(one.source for one in tables if one.overdue(day)))
    print(f"\nOverdue by the publishers' own calendars: {', '.join(late) or 'nothing'}.")
    if Places(raw).held.exists():
        from features.refresh.refresh import waiting

        if held := waiting(raw):
            print(f"Held in data/candidate: {', '.join(sorted(held))}. `risk data accept` puts them in place.")


def show_drift(out: Path, raw: Path = RAW) -> None:
    """Say how the inputs of the last run lay against training, and whether the snapshot has changed since."""
    if not (out / "drift.parquet").is_file():
        print(f"\nDrift of inputs against training: not measured in {out} yet; `make score` measures it.")
        return
    record, told = last_run_record(out), drift_lines(last_table(out, "drift"))
    since = "" if record.get("snapshot") == checksum(raw) else "; the snapshot has changed since"
    print(f"\nDrift of inputs against training, in the run decided as of {record.get('decided_as_of')}{since}:")
    print("\n".join(told or ["nothing notable"]))


def _lag(source: str, name: str, raw: Path) -> object:
    table = read_card(source, raw).tables[name]
    return lag(table) if table.latest_year else ""


def _say(source: str) -> None:
    print(f"{source} ...", file=sys.stderr, flush=True)


def _rows(told: Sequence["Told"]) -> Iterator[tuple[object, ...]]:
    """A row a source without differences, else a row a table that differs."""
    for one in told:
        changed = [difference for difference in one.differences if difference.changed]
        if not changed:
            yield (one.source, one.state, "", "", "", "", "", "")
        for difference in changed:
            yield (one.source, one.state, *_cells(difference))


def _cells(one: Difference) -> tuple[object, ...]:
    gained, lost = len(one.partners_gained), len(one.partners_lost)
    before, after = one.latest
    return (
        one.table,
        f"{one.gained:,}",
        f"{one.lost:,}",
        f"+{gained} -{lost}" if gained or lost else "",
        f"{one.revised:,} of {one.compared:,}" + (f", {one.blanked:,} now empty" if one.blanked else ""),
        f"{before} to {after}" if before != after else before or "",
    )


def _lines(told: "Told") -> Iterator[str]:
    """Why a source stands as it was, and the value that each table moved furthest."""
    if told.why:
        stands = f" ({STANDS[told.state]})" if told.state in STANDS else ""
        yield f"{told.source}: {told.state}{stands}: {told.why}"
    for one in told.differences:
        if one.largest is not None and one.largest.before is not None and one.largest.after is not None:
            moved = one.largest
            yield (
                f"{told.source}/{one.table}: moved furthest: {moved.column} of {in_words(moved.key)}, from "
                f"{moved.before:g} to {moved.after:g} "
                f"({moved.moved:.1%} of its range; half of the moves are under {one.middle:.1%})"
            )


def _summary(ended: "Ended", asked: "Asked") -> str:
    counts = {
        state: [one.source for one in ended.told if one.state == state]
        for state in dict.fromkeys(t.state for t in ended.told)
    }
    said = [f"{len(sources)} {state} ({', '.join(sources)})" for state, sources in counts.items()]
    lines = [f"Of {len(ended.told)} sources: {'; '.join(said)}."]
    if ended.kept:
        lines.append(
            f"The new ones are in place; what they replaced is kept as {ended.kept}: `risk data rollback` puts it back."
        )
    if any(one.state in ("held", "refused") for one in ended.told):
        lines.append(
            "Held in data/candidate: see `risk data diff`, then `risk data accept` or refresh with `--accept`."
        )
    return "\n".join(lines)


def show_data_changes(folder: Path, out: Path) -> None:
    """Compare a snapshot with the one in use, print the digest and say where the rest is."""
    changes = data_changes(folder, out)
    print(f"Snapshot in use {changes.before[:12]}, {folder} {changes.after[:12]}")
    if changes.before == changes.after:
        print("The same snapshot: nothing changes")
    for section in digest(changes):
        print(f"\n{section.title}")
        if section.note:
            print(section.note)
        if section.rows:
            print()
            show(section.headings, section.rows)
    print(f"\nAll of it  {write_changes(changes, out) / 'summary.md'}")
