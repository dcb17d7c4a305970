"""Console output of the commands on your own indicators."""

from pathlib import Path

from features.snapshot.compile import compute_table_lag, list_row_warnings
from features.snapshot.own_sources import find_own_folder, list_own_cards
from features.snapshot.snapshot import Snapshot
from risk.cli.output.table import print_table

NEXT_STEP = "The next `make score` retrains the models"


def add_own_source(folder: Path, snapshot: Snapshot) -> None:
    """Add a folder; a line a table, what was left out, and what to do next."""
    # Intake imports the whole panel, which `risk data status` does not need.
    from risk.workflows.own_indicators import add_indicator

    intake = add_indicator(folder, snapshot)
    card = intake.card
    for name, table in card.tables.items():
        rows = intake.contents[name].count(b"\n") - 1
        print(
            f"{card.source}/{name}: {rows} rows, {table.first_year} to {table.latest_year}: {', '.join(table.columns)}"
        )
        if left_out := intake.dropped_rows[name]:
            print(f"  {left_out} rows left out: no value in them, or no state of that code in that year")
    for line in list_row_warnings(card, find_own_folder(snapshot.folder)):
        print(f"  warning: {line}")
    print(f"{NEXT_STEP}; to measure what the source adds: `risk backtest --without {card.source}`")


def remove_own_source(source: str, snapshot: Snapshot) -> None:
    """Leave a source out again."""
    from risk.workflows.own_indicators import remove_indicator

    remove_indicator(source, snapshot)
    print(f"{source} is left out. {NEXT_STEP}")


def show_own_measures(snapshot: Snapshot) -> None:
    """A line for each own measure: its theme, its sign, last year, lag and when it was read; nothing where none is."""
    rows = [
        (card.source, column, measure.theme, measure.sign, table.latest_year, compute_table_lag(table), card.accessed)
        for card in list_own_cards(snapshot.folder)
        for table in card.tables.values()
        for column, measure in table.columns.items()
    ]
    if rows:
        print("\nYour own indicators (data/own)\n")
        print_table(("source", "measure", "theme", "higher is", "latest year", "lag", "read"), rows)
