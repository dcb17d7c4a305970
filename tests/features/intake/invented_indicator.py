"""An invented indicator: a folder that can be added, with optional faults."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from features.partners import list_partner_years

INVENTED_SOURCE, DAYS_COLUMN, CALM_COLUMN = "invented_unrest", "invented_unrest_days", "invented_unrest_calm"


def build_invented_card() -> dict[str, Any]:
    """A hand-written card: two measures in one table, one sign each way."""
    calm = {"label": "Invented calm of the streets", "unit": "index 0-1, higher is better", "floor": 0, "ceiling": 1}
    days = {"label": "Invented days of unrest", "unit": "days a year", "floor": 0, "ceiling": 366}
    return {
        "source": INVENTED_SOURCE,
        "title": "Invented unrest",
        "publisher": "Nobody",
        "release": "invented, to 2023",
        "citation": "Nobody. 2026. Invented for a test; it measures nothing.",
        "licence": "none needed",
        "address": "https://example.org/unrest",
        "accessed": "2026-11-20",
        "published": ["days.csv"],
        "tables": {
            "days": {
                "rows": {"floor": 1000, "ceiling": 12000},
                "max_age": 1,
                "columns": {
                    DAYS_COLUMN: {**days, "theme": "conflict", "sign": "worse"},
                    CALM_COLUMN: {**calm, "theme": "governance", "sign": "better"},
                },
            }
        },
    }


def build_invented_rows(first: int = 1980, last: int = 2023) -> pl.DataFrame:
    """Values that depend on state and year, and so differ between origins."""
    position = pl.col("iso3").rank("dense") + pl.col("year")
    values = {DAYS_COLUMN: (position * 37 % 101).cast(pl.Float64), CALM_COLUMN: (position * 53 % 97) / 97}
    return list_partner_years(first, last).with_columns(**values)


def write_indicator(
    folder: Path,
    card: Callable[[dict[str, Any]], object] = lambda _: None,
    rows: Callable[[pl.DataFrame], pl.DataFrame] = lambda frame: frame,
) -> Path:
    """Write the invented folder, its card and rows optionally changed."""
    folder.mkdir(parents=True, exist_ok=True)
    content = build_invented_card()
    card(content)
    (folder / "card.yaml").write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    (folder / "days.csv").write_bytes(rows(build_invented_rows()).write_csv().encode())
    return folder


def write_edited_indicator(folder: Path, number: int, line: str, first: int = 1980) -> Path:
    """The invented folder, from a first year on, with one line of its table (the header is 1) replaced."""
    path = write_indicator(folder, rows=lambda frame: frame.filter(pl.col("year") >= first)) / "days.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[number - 1] = line
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    return folder
