"""Rows of a CSV file, one after another, each with the number of the line on which it starts.

Whatever cannot be read is a row too, with what is wrong with it, and costs no other row.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# A quote that is never closed would swallow the rest of the file: a row is given up after so many lines or bytes.
MOST_ROW_LINES, MOST_ROW_BYTES = 64, 65_536
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class CsvRow:
    """One row: the line it starts on, its values, its bytes, and what makes it unreadable, if anything does."""

    line: int
    values: list[str]
    size: int
    fault: str | None = None


class _UnreadableRow(Exception):  # noqa: N818 - it says why a row is given up, which is no error of the program
    """Why a row cannot be read."""


class _LineReader:
    """The lines of a file as text, kept from the start of a row, so that reading can go back to the second."""

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
        """Count the row's lines; where it started, and its bytes. Where it failed, only its first line is spent."""
        start, spent = self.next, 1 if failed else len(self.row)
        size = sum(map(len, self.row[:spent]))
        self.waiting.extendleft(reversed(self.row[spent:]))
        self.row, self.next = [], start + spent
        return start, size


def read_csv_rows(path: Path) -> Iterator[CsvRow]:
    """Every row of a file, the header first; an unreadable one has a fault in place of its values.

    Raises OSError where the file cannot be opened.
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
