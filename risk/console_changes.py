"""What the command on another snapshot prints."""

from pathlib import Path

from risk.console import show
from risk.data_changes import data_changes
from risk.data_digest import digest, write_changes


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
