"""Console output of the `risk data` commands: one line per source, tables of differences and ages."""

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

# The download code is slow to import, and `risk data status` does not need it.
if TYPE_CHECKING:
    from features.refresh.refresh import RefreshRequest, RefreshResult, SourceResult

STATUS_TEXTS = {"failed": "left unchanged", "refused": "left unchanged; the new issue is held"}


def show_refresh(asked: "RefreshRequest", today: date, snapshot: Snapshot) -> bool:
    """Refresh with a line a source as it goes, then the summary; whether none failed and none was refused."""
    from features.refresh.refresh import refresh_sources

    result = refresh_sources(asked, today, snapshot.folder, say=_print_progress)
    for source in result.results:
        for note in source.notes:
            print(f"  {source.source}: {note}", file=sys.stderr)
    print()
    print_table(
        ("source", "state", "table", "rows gained", "lost", "partners", "values revised", "latest year"),
        list(_list_result_rows(result.results)),
    )
    for source in result.results:
        for line in _describe_result(source):
            print(line)
    print(f"\n{_format_summary(result)}")
    return result.is_successful


def show_accepted_sources(sources: Sequence[str], snapshot: Snapshot) -> None:
    """Put held issues in place and say how to undo it."""
    from features.refresh.refresh import accept_held_issues

    kept, placed = accept_held_issues(sources, snapshot.folder)
    print(f"Installed: {', '.join(placed)}. What they replaced is kept as {kept}: `risk data rollback` puts it back.")


def show_rollback(source: str | None, snapshot: Snapshot) -> None:
    """Put back what a refresh replaced and say what."""
    kept, sources = roll_back_sources(source, SnapshotFolders(snapshot.folder))
    print(f"Restored from {kept}: {', '.join(sources)}. What they replaced is kept in data/kept/undone.")


def compile_all_sources(folder: Path, chosen: Sequence[str] | None, snapshot: Snapshot) -> bool:
    """Compile each source in turn, one line each; whether all of them succeeded."""
    from features.refresh.exchange import compile_and_exchange

    ok = True
    for source in chosen or SOURCES:
        try:
            card = compile_and_exchange(source, folder, snapshot.folder)
        except BadInput as error:
            print(f"{source:15} left unchanged: {error}", file=sys.stderr)
            ok = False
            continue
        tables = ", ".join(f"{name} to {table.latest_year or 'date unknown'}" for name, table in card.tables.items())
        print(f"{source:15} {tables}")
        for line in list_row_warnings(card, snapshot.folder):
            print(f"  warning: {line}", file=sys.stderr)
    return ok


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
    print_table(("source", "table", "latest year", "lag", "read", "age", "next issue due", f"on {day}"), rows)
    late = list(dict.fromkeys(table.source for table in tables if table.is_overdue(day)))
    print(f"\nOverdue by the publishers' own calendars: {', '.join(late) or 'nothing'}.")
    if SnapshotFolders(snapshot.folder).held_file.exists():
        from features.refresh.refresh import read_held_issues

        if held := read_held_issues(snapshot.folder):
            print(f"Held in data/candidate: {', '.join(sorted(held))}. `risk data accept` puts them in place.")


def show_drift(out: Path, snapshot: Snapshot) -> None:
    """Say how the inputs of the last run lay against training, and whether the snapshot has changed since."""
    if not (out / "drift.parquet").is_file():
        print(f"\nDrift of inputs against training: not measured in {out} yet; run `make score`.")
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


def _list_result_rows(results: Sequence["SourceResult"]) -> Iterator[tuple[object, ...]]:
    """One row per source without differences, else one row per changed table."""
    for result in results:
        changed = [difference for difference in result.differences if difference.has_changes]
        if not changed:
            yield (result.source, result.state, "", "", "", "", "", "")
        for difference in changed:
            yield (result.source, result.state, *_format_difference_cells(difference))


def _format_difference_cells(difference: TableDifference) -> tuple[object, ...]:
    gained, lost = len(difference.partners_gained), len(difference.partners_lost)
    before, after = difference.latest
    blanked = f", {difference.blanked:,} now empty" if difference.blanked else ""
    return (
        difference.table,
        f"{difference.gained:,}",
        f"{difference.lost:,}",
        f"+{gained} -{lost}" if gained or lost else "",
        f"{difference.revised:,} of {difference.compared:,}{blanked}",
        f"{before} to {after}" if before != after else before or "",
    )


def _describe_result(result: "SourceResult") -> Iterator[str]:
    """Explain why a source was left unchanged, and give the largest change of a value in each table."""
    if result.why:
        status = f" ({STATUS_TEXTS[result.state]})" if result.state in STATUS_TEXTS else ""
        yield f"{result.source}: {result.state}{status}: {result.why}"
    for difference in result.differences:
        largest = difference.largest
        if largest is not None and largest.before is not None and largest.after is not None:
            yield (
                f"{result.source}/{difference.table}: largest change: {largest.column} of {format_key(largest.key)}, "
                f"from {largest.before:g} to {largest.after:g} "
                f"({largest.shift:.1%} of its range; half of the changes are below {difference.middle:.1%})"
            )


def _format_summary(result: "RefreshResult") -> str:
    counts = {
        state: [source.source for source in result.results if source.state == state]
        for state in dict.fromkeys(source.state for source in result.results)
    }
    texts = [f"{len(sources)} {state} ({', '.join(sources)})" for state, sources in counts.items()]
    lines = [f"Of {len(result.results)} sources: {'; '.join(texts)}."]
    if result.replaced_batch:
        lines.append(
            f"The new versions are installed; what they replaced is kept as {result.replaced_batch}: "
            "`risk data rollback` restores it."
        )
    if any(source.state in ("held", "refused") for source in result.results):
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
        print("Identical snapshots: no changes")
    for section in build_digest(changes):
        print(f"\n{section.title}")
        if section.note:
            print(section.note)
        if section.rows:
            print()
            print_table(section.headings, section.rows)
    print(f"\nFull report  {write_snapshot_report(changes, out) / 'summary.md'}")
