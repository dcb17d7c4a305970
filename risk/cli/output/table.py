"""Print tables in aligned columns."""

from collections.abc import Sequence

TableRow = Sequence[object]


def print_table(headings: TableRow, rows: Sequence[TableRow]) -> None:
    """Print rows under their headings in aligned columns."""
    table = [[str(cell) for cell in row] for row in [headings, *rows]]
    widths = [max(len(row[i]) for row in table) for i in range(len(headings))]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
