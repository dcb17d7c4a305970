"""Readers of what publishers send: cards, tables, downloads, listings and own indicators."""

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
from features.intake.own_indicator import read_own
from features.refresh.layouts import adapt
from features.refresh.unpack import listed_file, unpack
from features.snapshot.card_downloads import Address
from features.snapshot.cards import read_card, read_table
from features.sources import coups, pts, trafficking
from features.sources.published import read_published
from tests.features.intake.invented_indicator import invented_card

Reader = Callable[[bytes, Path], object]
MOST_UNPACKED = 50_000_000
TABLE = "iso3,year,invented\nEGY,2001,1.5\nISR,2002,0.25\n"
MEASURE = {"label": "Invented", "unit": "none", "floor": 0, "ceiling": 9}
CARD = {
    **dict.fromkeys(("title", "publisher", "release", "citation", "licence", "address"), "invented"),
    "source": "invented",
    "accessed": "2026-11-20",
    "published": ["invented.csv"],
    "tables": {"rows": {"rows": {"floor": 1, "ceiling": 9}, "columns": {"invented": MEASURE}}},
}
OWN_ROWS = "iso3,year,invented_unrest_days,invented_unrest_calm\nEGY,2001,3,0.5\nEGY,2002,,\n"
WORLD_BANK = [
    {"pages": 1},
    [{"indicator": {"id": "NY.GDP.PETR.RT.ZS"}, "countryiso3code": "EGY", "date": "2001", "value": 1.5}],
]
LISTING = {"data": {"latestVersion": {"files": [{"dataFile": {"id": 7, "filename": "invented.tab"}}]}}}
SOURCES = (
    (pts.compile_tables, "pts/pts_1976_2023.csv"),
    (coups.compile_tables, "coups/ptcoups_gwyear_1950-2025.csv"),
    (trafficking.compile_tables, "trafficking/tip_tiers_1999_2015.csv"),
)


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _card(content: bytes, folder: Path) -> object:
    _written(folder / "invented" / "card.yaml", content)
    return read_card("invented", folder)


def _table(content: bytes, folder: Path) -> object:
    card = json.loads(json.dumps(CARD))
    card["tables"]["rows"]["sha256"] = sha256(content).hexdigest()
    _written(folder / "invented" / "card.yaml", yaml.safe_dump(card).encode())
    _written(folder / "invented" / "rows.csv", content)
    return read_table("invented", "rows", folder)


def _published(content: bytes, folder: Path) -> object:
    _written(folder / "invented.csv", content)
    columns = {"iso3": pl.String, "year": pl.Int64, "invented": pl.Float64}
    return read_published(folder, "invented.csv", columns)


def _source(content: bytes, folder: Path) -> object:
    """The first byte says which publisher's."""
    compiled, name = SOURCES[content[0] % len(SOURCES) if content else 0]
    _written(folder / name, content[1:])
    return compiled(folder)


def _unpacked(kind: str) -> Reader:
    def read(content: bytes, folder: Path) -> object:
        address = Address(urls=["https://invented.example/file"], tried="not tried here", kind=kind)  # type: ignore[arg-type]
        return unpack(_written(folder / "packed", content), address, folder / "text", MOST_UNPACKED)

    return read


def _layout(layout: str) -> Reader:
    def read(content: bytes, folder: Path) -> object:
        return adapt(layout, [_written(folder / "0.csv", content)], folder / "made.csv")

    return read


def _listing(content: bytes, folder: Path) -> object:
    address = Address(urls=["https://invented.example/x"], tried="no", kind="dataverse", member="*.tab")
    return listed_file(_written(folder / "listing", content), address)


def _own_card(content: bytes, folder: Path) -> object:
    _written(folder / "card.yaml", content)
    return read_own_card(folder)


def _own_table(content: bytes, folder: Path) -> object:
    card = invented_card()
    card["tables"]["days"]["rows"]["floor"] = 1
    _written(folder / "card.yaml", yaml.safe_dump(card, sort_keys=False).encode())
    _written(folder / "days.csv", content)
    return read_own(folder)


def _zipped(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


READERS: dict[str, tuple[Reader, bytes]] = {
    "card": (_card, yaml.safe_dump(CARD, sort_keys=False).encode()),
    "table": (_table, TABLE.encode()),
    "published": (_published, TABLE.encode()),
    "published_gzip": (_published, gzip.compress(TABLE.encode(), mtime=0)),
    "source": (_source, b"\x02iso,year,tier\nEGY,2001,2\n"),
    "csv_download": (_unpacked("csv"), TABLE.encode()),
    "gzip_download": (_unpacked("gzip"), gzip.compress(TABLE.encode(), mtime=0)),
    "zip_download": (_unpacked("zip"), _zipped("invented.csv", TABLE.encode())),
    "world_bank": (_layout("wdi_oil"), json.dumps(WORLD_BANK).encode()),
    "coups_layout": (_layout("powell_thyne"), b"ccode_gw\tyear\tcoup1\tcoup2\tcoup3\tcoup4\n651\t2001\t1\t0\t0\t0\n"),
    "listing": (_listing, json.dumps(LISTING).encode()),
    "own_card": (_own_card, yaml.safe_dump(invented_card(), sort_keys=False).encode()),
    "own_table": (_own_table, OWN_ROWS.encode()),
}
