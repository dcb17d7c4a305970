"""Reads a CSV file row by row, each with the number of the line on which it starts.

An unreadable row is returned with its fault and does not affect other rows.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# An unclosed quote would otherwise swallow the rest of the file.
MOST_ROW_LINES, MOST_ROW_BYTES = 64, 65_536
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class CsvRow:
    """One row: its first line, its values, its size in bytes, and its fault if it is unreadable."""

    line: int
    values: list[str]
    size: int
    fault: str | None = None


class _UnreadableRow(Exception):  # noqa: N818 - a fault of the input, not an error of the program
    """Why a row cannot be read."""


class _LineReader:
    """The lines of a file as text, buffered from the start of a row, so that reading can resume at its second line."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.waiting, self.row, self.next = file, deque[bytes](), list[bytes](), 1

    def __iter__(self) -> "_LineReader":
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else self._read_line()
        if not line:
            raise StopIteration
        self.row.append(line)
        if len(self.row) > MOST_ROW_LINES or len(line) > MOST_ROW_BYTES:
            raise _UnreadableRow(
                f"longer than {MOST_ROW_LINES} lines or {MOST_ROW_BYTES:,} bytes; is a quote not closed?"
            )
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise _UnreadableRow(f"not UTF-8 text (byte {line[error.start]:#04x} in its line)") from None

    def _read_line(self) -> bytes:
        line = self.file.readline(MOST_ROW_BYTES + 1)
        rest = line
        while len(rest) > MOST_ROW_BYTES and not rest.endswith(b"\n"):
            rest = self.file.readline(MOST_ROW_BYTES + 1)
        return line

    def end_row(self, failed: bool) -> tuple[int, int]:
        """Return the row's first line number and its bytes; a failed row consumes only its first line."""
        start, spent = self.next, 1 if failed else len(self.row)
        size = sum(map(len, self.row[:spent]))
        self.waiting.extendleft(reversed(self.row[spent:]))
        self.row, self.next = [], start + spent
        return start, size


def read_csv_rows(path: Path) -> Iterator[CsvRow]:
    """Yield every row of a file, the header first; an unreadable row has a fault instead of values.

    Raises OSError if the file cannot be opened.
    """
    with path.open("rb") as file:
        if file.read(len(BYTE_ORDER_MARK)) != BYTE_ORDER_MARK:
            file.seek(0)
        lines = _LineReader(file)
        reader = csv.reader(lines, strict=True)
        while True:
            try:
                values = next(reader)
            except StopIteration:
                return
            except (_UnreadableRow, csv.Error) as error:
                start, size = lines.end_row(failed=True)
                yield CsvRow(start, [], size, str(error))
            else:
                start, size = lines.end_row(failed=False)
                yield CsvRow(start, values, size)
