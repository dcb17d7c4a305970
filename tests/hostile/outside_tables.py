"""Readers of publishers' files: cards, tables, downloads, listings and own indicators."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import polars as pl
import yaml

from features.intake.own_card import read_own_card
from features.intake.own_indicator import read_own_indicator
from features.refresh.layouts import adapt_layout
from features.refresh.unpack import find_listed_file, unpack_file
from features.snapshot.card_downloads import FileAddress
from features.snapshot.cards import read_card, read_source_table
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from features.sources import coups, pts, trafficking
from features.sources.published import read_published
from tests.features.intake.invented_indicator import build_invented_card

Reader = Callable[[bytes, Path], object]
MOST_UNPACKED = 50_000_000
INVENTED_TABLE = "iso3,year,invented\nEGY,2001,1.5\nISR,2002,0.25\n"
INVENTED_MEASURE = {"label": "Invented", "unit": "none", "floor": 0, "ceiling": 9}
INVENTED_CARD = {
    **dict.fromkeys(("title", "publisher", "release", "citation", "licence", "address"), "invented"),
    "source": "invented",
    "accessed": "2026-11-20",
    "published": ["invented.csv"],
    "tables": {"rows": {"rows": {"floor": 1, "ceiling": 9}, "columns": {"invented": INVENTED_MEASURE}}},
}
OWN_ROWS = "iso3,year,invented_unrest_days,invented_unrest_calm\nEGY,2001,3,0.5\nEGY,2002,,\n"
WORLD_BANK = [
    {"pages": 1},
    [{"indicator": {"id": "NY.GDP.PETR.RT.ZS"}, "countryiso3code": "EGY", "date": "2001", "value": 1.5}],
]
INVENTED_LISTING = {"data": {"latestVersion": {"files": [{"dataFile": {"id": 7, "filename": "invented.tab"}}]}}}
SOURCE_READERS = (
    (pts.compile_tables, "pts/pts_1976_2023.csv"),
    (coups.compile_tables, "coups/ptcoups_gwyear_1950-2025.csv"),
    (trafficking.compile_tables, "trafficking/tip_tiers_1999_2015.csv"),
)


def _write_file(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _read_source_card(content: bytes, folder: Path) -> object:
    _write_file(folder / "invented" / "card.yaml", content)
    return read_card("invented", folder)


def _read_source_table(content: bytes, folder: Path) -> object:
    card = json.loads(json.dumps(INVENTED_CARD))
    card["tables"]["rows"]["sha256"] = sha256(content).hexdigest()
    _write_file(folder / "invented" / "card.yaml", yaml.safe_dump(card).encode())
    _write_file(folder / "invented" / "rows.csv", content)
    return read_source_table("invented", "rows", folder)


def _read_published_table(content: bytes, folder: Path) -> object:
    _write_file(folder / "invented.csv", content)
    columns = {"iso3": pl.String, "year": pl.Int64, "invented": pl.Float64}
    return read_published(folder, "invented.csv", columns)


def _compile_source_tables(content: bytes, folder: Path) -> object:
    """The first byte selects the publisher."""
    compiled, name = SOURCE_READERS[content[0] % len(SOURCE_READERS) if content else 0]
    _write_file(folder / name, content[1:])
    return compiled(folder)


def _build_unpacker(kind: str) -> Reader:
    def unpack_content(content: bytes, folder: Path) -> object:
        address = FileAddress(urls=["https://invented.example/file"], tried="not tried here", kind=kind)  # type: ignore[arg-type]
        return unpack_file(_write_file(folder / "packed", content), address, folder / "text", MOST_UNPACKED)

    return unpack_content


def _build_adapter(layout: str) -> Reader:
    def adapt_content(content: bytes, folder: Path) -> object:
        return adapt_layout(layout, [_write_file(folder / "0.csv", content)], folder / "made.csv")

    return adapt_content


def _read_listing(content: bytes, folder: Path) -> object:
    address = FileAddress(urls=["https://invented.example/x"], tried="no", kind="dataverse", member="*.tab")
    return find_listed_file(_write_file(folder / "listing", content), address)


def _read_own_card(content: bytes, folder: Path) -> object:
    _write_file(folder / "card.yaml", content)
    return read_own_card(folder, raw=CURRENT_SNAPSHOT.folder)


def _read_own_table(content: bytes, folder: Path) -> object:
    card = build_invented_card()
    card["tables"]["days"]["rows"]["floor"] = 1
    _write_file(folder / "card.yaml", yaml.safe_dump(card, sort_keys=False).encode())
    _write_file(folder / "days.csv", content)
    return read_own_indicator(folder, raw=CURRENT_SNAPSHOT.folder)


def _zip_content(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


READERS: dict[str, tuple[Reader, bytes]] = {
    "card": (_read_source_card, yaml.safe_dump(INVENTED_CARD, sort_keys=False).encode()),
    "table": (_read_source_table, INVENTED_TABLE.encode()),
    "published": (_read_published_table, INVENTED_TABLE.encode()),
    "published_gzip": (_read_published_table, gzip.compress(INVENTED_TABLE.encode(), mtime=0)),
    "source": (_compile_source_tables, b"\x02iso,year,tier\nEGY,2001,2\n"),
    "csv_download": (_build_unpacker("csv"), INVENTED_TABLE.encode()),
    "gzip_download": (_build_unpacker("gzip"), gzip.compress(INVENTED_TABLE.encode(), mtime=0)),
    "zip_download": (_build_unpacker("zip"), _zip_content("invented.csv", INVENTED_TABLE.encode())),
    "world_bank": (_build_adapter("wdi_oil"), json.dumps(WORLD_BANK).encode()),
    "coups_layout": (
        _build_adapter("powell_thyne"),
        b"ccode_gw\tyear\tcoup1\tcoup2\tcoup3\tcoup4\n651\t2001\t1\t0\t0\t0\n",
    ),
    "listing": (_read_listing, json.dumps(INVENTED_LISTING).encode()),
    "own_card": (_read_own_card, yaml.safe_dump(build_invented_card(), sort_keys=False).encode()),
    "own_table": (_read_own_table, OWN_ROWS.encode()),
}
