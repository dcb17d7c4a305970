"""What the commands on the snapshot print: a line a source, tables of differences and of age."""

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from features.bad_input import BadInput
from features.refresh.compare import TableDifference, format_key
from features.refresh.exchange import recover_exchange, roll_back_sources
from features.refresh.folders import SnapshotFolders
from features.snapshot.compile import (
    SOURCES,
    compute_table_lag,
    list_row_warnings,
)
from features.snapshot.freshness import list_table_freshness
from features.snapshot.snapshot import Snapshot
from risk.cli.output.table import print_table
from risk.outputs.last_run import open_last_run
from risk.publishing.drift_text import describe_drift

# What fetches files takes a while to import, which the status need not wait for.
if TYPE_CHECKING:
    from features.refresh.refresh import RefreshRequest, RefreshResult, SourceResult

STATUS_TEXTS = {"failed": "kept as it was", "refused": "kept as it was, the new issue is held"}


def show_refresh(asked: "RefreshRequest", today: date, snapshot: Snapshot) -> bool:
    """Refresh with a line a source as it goes, then the summary; whether none failed and none was refused."""
    from features.refresh.refresh import refresh_sources

    ended = refresh_sources(asked, today, snapshot.folder, say=_print_progress)
    for told in ended.results:
        for note in told.notes:
            print(f"  {told.source}: {note}", file=sys.stderr)
    print()
    print_table(
        ("source", "state", "table", "rows gained", "lost", "partners", "values revised", "latest year"),
        list(_list_result_rows(ended.results)),
    )
    for told in ended.results:
        for line in _describe_result(told):
            print(line)
    print(f"\n{_format_summary(ended, asked)}")
    return ended.is_successful


def show_accepted_sources(sources: Sequence[str], snapshot: Snapshot) -> None:
    """Put held issues in place and say how to undo it."""
    from features.refresh.refresh import accept_held_issues

    kept, placed = accept_held_issues(sources, snapshot.folder)
    print(f"In place: {', '.join(placed)}. What they replaced is kept as {kept}: `risk data rollback` puts it back.")


def show_rollback(source: str | None, snapshot: Snapshot) -> None:
    """Put back what a refresh replaced and say what."""
    kept, sources = roll_back_sources(source, SnapshotFolders(snapshot.folder))
    print(f"Back in place, from {kept}: {', '.join(sources)}. What stood instead is kept in data/kept/undone.")


def compile_all_sources(folder: Path, chosen: Sequence[str] | None, snapshot: Snapshot) -> bool:
    """Compile each source in turn, one line each; whether all of them succeeded."""
    from features.refresh.exchange import compile_and_exchange

    good = True
    for source in chosen or SOURCES:
        try:
            card = compile_and_exchange(source, folder, snapshot.folder)
        except BadInput as error:
            print(f"{source:15} kept as it was: {error}", file=sys.stderr)
            good = False
            continue
        tables = ", ".join(f"{name} to {table.latest_year or 'date unknown'}" for name, table in card.tables.items())
        print(f"{source:15} {tables}")
        for line in list_row_warnings(card, snapshot.folder):
            print(f"  warning: {line}", file=sys.stderr)
    return good


def show_status(day: date, snapshot: Snapshot) -> None:
    """Verify the snapshot and print each table's last year, lag and age, and what is overdue on `day`."""
    if recover_exchange(SnapshotFolders(snapshot.folder)):
        print("An exchange that was cut short has been finished.\n", file=sys.stderr)
    snapshot.verify()
    tables = list(list_table_freshness(snapshot))
    rows = [
        (one.source, one.table, one.latest_year or "", _find_lag(one.source, one.table, snapshot), one.read_on,
         f"{(day - one.read_on).days} days", one.due or "no calendar", "overdue" if one.is_overdue(day) else "")
        for one in tables
    ]  # fmt: skip
    print_table(("source", "table", "latest year", "lag", "read", "age", "next issue due by", f"on {day}"), rows)
    late = list(dict.fromkeys(one.source for one in tables if one.is_overdue(day)))
    print(f"\nOverdue by the publishers' own calendars: {', '.join(late) or 'nothing'}.")
    if SnapshotFolders(snapshot.folder).held_file.exists():
        from features.refresh.refresh import read_held_issues

        if held := read_held_issues(snapshot.folder):
            print(f"Held in data/candidate: {', '.join(sorted(held))}. `risk data accept` puts them in place.")


def show_drift(out: Path, snapshot: Snapshot) -> None:
    """Say how the inputs of the last run lay against training, and whether the snapshot has changed since."""
    if not (out / "drift.parquet").is_file():
        print(f"\nDrift of inputs against training: not measured in {out} yet; `make score` measures it.")
        return
    with open_last_run(out) as last_run:
        record, told = last_run.manifest, describe_drift(last_run.read_table("drift"))
    since = "" if record.get("snapshot") == snapshot.compute_checksum() else "; the snapshot has changed since"
    print(f"\nDrift of inputs against training, in the run decided as of {record.get('decided_as_of')}{since}:")
    print("\n".join(told or ["nothing notable"]))


def _find_lag(source: str, name: str, snapshot: Snapshot) -> object:
    table = snapshot.read_card(source).tables[name]
    return compute_table_lag(table) if table.latest_year else ""


def _print_progress(source: str) -> None:
    print(f"{source} ...", file=sys.stderr, flush=True)


def _list_result_rows(told: Sequence["SourceResult"]) -> Iterator[tuple[object, ...]]:
    """A row a source without differences, else a row a table that differs."""
    for one in told:
        changed = [difference for difference in one.differences if difference.has_changes]
        if not changed:
            yield (one.source, one.state, "", "", "", "", "", "")
        for difference in changed:
            yield (one.source, one.state, *_format_difference_cells(difference))


def _format_difference_cells(one: TableDifference) -> tuple[object, ...]:
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


def _describe_result(told: "SourceResult") -> Iterator[str]:
    """Why a source stands as it was, and the value that each table moved furthest."""
    if told.why:
        stands = f" ({STATUS_TEXTS[told.state]})" if told.state in STATUS_TEXTS else ""
        yield f"{told.source}: {told.state}{stands}: {told.why}"
    for one in told.differences:
        if one.largest is not None and one.largest.before is not None and one.largest.after is not None:
            moved = one.largest
            yield (
                f"{told.source}/{one.table}: moved furthest: {moved.column} of {format_key(moved.key)}, from "
                f"{moved.before:g} to {moved.after:g} "
                f"({moved.shift:.1%} of its range; half of the moves are under {one.middle:.1%})"
            )


def _format_summary(ended: "RefreshResult", asked: "RefreshRequest") -> str:
    counts = {
        state: [one.source for one in ended.results if one.state == state]
        for state in dict.fromkeys(t.state for t in ended.results)
    }
    said = [f"{len(sources)} {state} ({', '.join(sources)})" for state, sources in counts.items()]
    lines = [f"Of {len(ended.results)} sources: {'; '.join(said)}."]
    if ended.replaced_batch:
        lines.append(
            f"The new ones are in place; what they replaced is kept as {ended.replaced_batch}: `risk data "
            f"rollback` puts it back."
        )
    if any(one.state in ("held", "refused") for one in ended.results):
        lines.append(
            "Held in data/candidate: see `risk data diff`, then `risk data accept` or refresh with `--accept`."
        )
    return "\n".join(lines)


def show_data_changes(folder: Path, out: Path, snapshot: Snapshot) -> None:
    """Compare a snapshot with the one in use, print the digest and say where the rest is."""
    # Comparing trains models: imported only where it is asked for.
    from risk.workflows.compare_snapshots import compare_snapshots
    from risk.workflows.snapshot_report import build_digest, write_snapshot_report

    changes = compare_snapshots(folder, out, snapshot=snapshot)
    print(f"Snapshot in use {changes.before[:12]}, {folder} {changes.after[:12]}")
    if changes.before == changes.after:
        print("The same snapshot: nothing changes")
    for section in build_digest(changes):
        print(f"\n{section.title}")
        if section.note:
            print(section.note)
        if section.rows:
            print()
            print_table(section.headings, section.rows)
    print(f"\nAll of it  {write_snapshot_report(changes, out) / 'summary.md'}")
