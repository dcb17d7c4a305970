"""A new table compared with the one in use: added, removed and revised values, and limits exceeded."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from features.snapshot.cards import CardTable


@dataclass(frozen=True)
class LargestRevision:
    """The value with the largest change: key, column, both values, and the change as a share of the column's range."""

    key: dict[str, Any]
    column: str
    before: float | None
    after: float | None
    shift: float


@dataclass(frozen=True)
class TableDifference:
    """A table's new release against the one in use; rows and values are counts, `latest` the last year of each."""

    source: str
    table: str
    gained: int
    lost: int
    rows: int
    partners_gained: list[str] = field(default_factory=list)
    partners_lost: list[str] = field(default_factory=list)
    years_lost: list[int] = field(default_factory=list)
    compared: int = 0
    revised: int = 0
    blanked: int = 0
    middle: float = 0.0
    largest: LargestRevision | None = None
    latest: tuple[int | None, int | None] = (None, None)

    @property
    def has_changes(self) -> bool:
        """Whether the tables differ at all."""
        return bool(self.gained or self.lost or self.revised or self.blanked)


def compare_tables(source: str, name: str, old: pl.DataFrame, new: pl.DataFrame, table: CardTable) -> TableDifference:
    """Changes from the old table to the new, both with the card's columns; `blanked` values are null in a kept row."""
    keys, columns = table.keys, list(table.columns)
    both = old.join(new, on=keys, how="inner", suffix="_new", nulls_equal=True)
    moves = pl.concat([_compute_moves(both, old, keys, column) for column in columns])
    moved = moves.filter(pl.col("moved") > 0)
    top = moved.sort("moved", "column", "key", descending=[True, False, False]).head(1).to_dicts()
    years = "year" in old.columns
    return TableDifference(
        source,
        name,
        gained=new.join(old, on=keys, how="anti", nulls_equal=True).height,
        lost=old.join(new, on=keys, how="anti", nulls_equal=True).height,
        rows=old.height,
        partners_gained=_find_missing_values(new, old, "iso3"),
        partners_lost=_find_missing_values(old, new, "iso3"),
        years_lost=_find_missing_values(old, new, "year") if years else [],
        compared=moves.filter(pl.col("before").is_not_null()).height,
        revised=moved.height,
        blanked=moves.filter(pl.col("before").is_not_null(), pl.col("after").is_null()).height,
        middle=float(moved["moved"].median() or 0.0) if moved.height else 0.0,  # type: ignore[arg-type]
        largest=LargestRevision(top[0]["key"], top[0]["column"], top[0]["before"], top[0]["after"], top[0]["moved"])
        if top
        else None,
        latest=(_find_latest_year(old), _find_latest_year(new)) if years else (None, None),
    )


def list_exceeded_limits(difference: TableDifference, table: CardTable) -> Iterator[str]:
    """Limits this release exceeds, one line each; a person must accept it if there are any."""
    limits, name = table.revision, f"{difference.source}/{difference.table}"
    before, after = difference.latest
    if difference.partners_lost:
        yield f"{name}: partners missing: {', '.join(difference.partners_lost[:8])}"
    if difference.years_lost:
        yield f"{name}: years missing: {', '.join(map(str, difference.years_lost[:8]))}"
    if before is not None and after is not None and after < before:
        yield f"{name}: ends in {after}, the one in use in {before}"
    missing = difference.lost + difference.blanked
    if difference.lost > limits.lost * difference.rows:
        yield f"{name}: {difference.lost:,} of {difference.rows:,} rows missing, the card allows {limits.lost:.0%}"
    elif missing and difference.blanked > limits.lost * max(1, difference.compared):
        yield (
            f"{name}: {difference.blanked:,} of {difference.compared:,} values missing, "
            f"the card allows {limits.lost:.0%}"
        )
    if difference.revised > limits.share * max(1, difference.compared):
        share = difference.revised / max(1, difference.compared)
        yield f"{name}: {share:.0%} of the values revised, the card allows {limits.share:.0%}"
    if difference.largest is not None and difference.largest.shift > limits.largest:
        largest = difference.largest
        yield (
            f"{name}: {largest.column} of {format_key(largest.key)} moved from {largest.before:g} to "
            f"{largest.after:g}, {largest.shift:.0%} of its range; the card allows {limits.largest:.0%}"
        )


def format_key(key: dict[str, Any]) -> str:
    """A key as text: its parts in order."""
    return " ".join(str(part) for part in key.values() if part is not None)


def _compute_moves(both: pl.DataFrame, old: pl.DataFrame, keys: list[str], column: str) -> pl.DataFrame:
    """key, column, before, after, moved: the change as a share of the old column's range, null if either is null."""
    low, high = old[column].min(), old[column].max()
    span = float(high) - float(low) if low is not None and high is not None else 0.0  # type: ignore[arg-type]
    before, after = pl.col(column), pl.col(f"{column}_new")
    return both.select(
        key=pl.struct(keys),
        column=pl.lit(column),
        before=before.cast(pl.Float64),
        after=after.cast(pl.Float64),
        moved=((after - before).abs() / (span or 1.0)).cast(pl.Float64),
    )


def _find_missing_values(old: pl.DataFrame, new: pl.DataFrame, column: str) -> list[Any]:
    return sorted(set(old[column].drop_nulls()) - set(new[column].drop_nulls()))


def _find_latest_year(frame: pl.DataFrame) -> int | None:
    year = frame["year"].max()
    return int(year) if year is not None else None  # type: ignore[arg-type]
