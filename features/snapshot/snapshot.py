"""One snapshot of facts: the folder of compiled tables that everything in a run is read from."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from features.snapshot.cards import RAW_FOLDER, SourceCard, read_card, read_source_table, read_source_tables
from features.snapshot.compile import compute_snapshot_checksum, verify_snapshot


@dataclass(frozen=True)
class Snapshot:
    """The cards and tables of one folder; handed on by name, so that no reader falls back on another folder."""

    folder: Path

    def read_card(self, source: str) -> SourceCard:
        """The card of a source; BadInput where it is missing or does not hold."""
        return read_card(source, self.folder)

    def read_table(self, source: str, name: str) -> pl.DataFrame:
        """One table, checked against its card; BadInput where it is missing, altered or out of bounds."""
        return read_source_table(source, name, self.folder)

    def read_tables(self, named: Iterable[tuple[str, str]]) -> list[pl.DataFrame]:
        """Several tables by source and name, parsed side by side."""
        return read_source_tables(named, self.folder)

    def compute_checksum(self) -> str:
        """One SHA-256 over partners, cards and so tables, those of own indicators included."""
        return compute_snapshot_checksum(self.folder)

    def verify(self) -> None:
        """Refuse a table that no card lists, or one that is missing, altered or out of bounds."""
        verify_snapshot(self.folder)


# The facts that come with the code; named by the command line, the bench and the tests alone.
CURRENT_SNAPSHOT = Snapshot(RAW_FOLDER)
