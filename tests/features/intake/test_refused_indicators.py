"""Folders that cannot be installed as an own indicator: each is refused in one line that says where and why."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.bad_input import BadInput
from features.intake.own_indicator import LARGEST_TABLE, install_own_source, read_own_indicator
from features.snapshot.own_sources import find_own_folder
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from tests.features.intake.invented_indicator import DAYS_COLUMN, write_edited_indicator, write_indicator
from tests.features.snapshot.changed_snapshots import copy_snapshot

LINES = {
    "a formula": ("EGY,1990,=1+1,0.5", rf"days\.csv: row 5, column {DAYS_COLUMN}: found '=1\+1', expected a number"),
    "not a number": ("EGY,1990,many,0.5", "found 'many', expected a number or an empty cell"),
    "nan": ("EGY,1990,nan,0.5", "found 'nan', expected a number"),
    "infinity": ("EGY,1990,inf,0.5", "found 'inf', expected a number"),
    "overflow": ("EGY,1990,1e999,0.5", "found '1e999', expected a number"),
    "underscores": ("EGY,1990,1_0,0.5", "found '1_0', expected a number"),
    "out of bounds": ("EGY,1990,400,0.5", rf"row 5, column {DAYS_COLUMN}: found 400, expected 0 to 366"),
    "unknown state": ("ATL,1990,4,0.5", r"row 5, column iso3: found 'ATL', expected a code in"),
    "lower case": ("egy,1990,4,0.5", "column iso3: found 'egy'"),
    "year ahead": ("EGY,2026,4,0.5", "column year: found '2026', expected 1946 to 2025"),
    "year long past": ("EGY,1890,4,0.5", "column year: found '1890', expected 1946 to 2025"),
    "year with a point": ("EGY,1990.0,4,0.5", "column year: found '1990.0'"),
    "twice": ("AFG,1981,4,0.5", "row 5: AFG 1981 is already in row 3; remove one of them"),
    "a cell too many": ("EGY,1990,4,0.5,6", "row 5: found 5 cells, expected 4"),
    "open quotes": ('EGY,1990,"4,0.5', "not readable as CSV"),
}


def _refusal(folder: Path, raw: Path) -> str:
    with pytest.raises(BadInput) as refused:
        install_own_source(read_own_indicator(folder, raw), raw)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 600
    assert not find_own_folder(raw).exists()
    return str(refused.value)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_snapshot(tmp_path_factory.mktemp("refused"))


@pytest.mark.parametrize("fault", LINES)
def test_a_line_that_cannot_be_right_is_refused_with_row_column_and_both_values(
    tmp_path: Path, raw: Path, fault: str
) -> None:
    line, message = LINES[fault]
    folder = write_edited_indicator(tmp_path / "source", 5, line)
    with pytest.raises(BadInput, match=message):
        read_own_indicator(folder, raw)
    _refusal(folder, raw)


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "no card": (lambda folder: (folder / "card.yaml").unlink(), "card.yaml: file not found; the folder must contain"),
    "no table": (lambda folder: (folder / "days.csv").unlink(), "days.csv: file not found; its card lists it"),
    "an unlisted table": (
        lambda folder: (folder / "more.csv").write_text("iso3\n"),
        "more.csv: not listed on the card",
    ),
    "latin-1": (
        lambda folder: (folder / "days.csv").write_bytes(b"iso3,year\n\xe9GY,1"),
        "row 2: byte 0xe9 is not UTF-8",
    ),
    "utf-16": (lambda folder: (folder / "days.csv").write_bytes("iso3,year".encode("utf-16")), "is not UTF-8"),
    "empty": (lambda folder: (folder / "days.csv").write_bytes(b""), r"row 1: found columns \[\], expected"),
    "semicolons": (lambda folder: (folder / "days.csv").write_text("iso3;year\n"), "row 1: found columns"),
    "nuls": (lambda folder: (folder / "days.csv").write_bytes(b"\0" * 99), "row 1: found columns|not readable"),
    "huge": (
        lambda folder: (folder / "days.csv").open("wb").truncate(LARGEST_TABLE + 1),
        r"20,000,001 bytes, at most 20,000,000",
    ),
    "huge card": (lambda folder: (folder / "card.yaml").open("wb").truncate(10**6), "at most 100,000 are read"),
    "card in latin-1": (
        lambda folder: (folder / "card.yaml").write_bytes(b"title: \xe9"),
        "'utf-8' codec.*position 7",
    ),
    "card cut off": (lambda folder: (folder / "card.yaml").write_text("source: ["), "not readable as YAML"),
    "aliases": (
        lambda folder: (folder / "card.yaml").write_text("a: &a [x]\nb: [*a, *a]"),
        r"\*a does not refer to a single value",
    ),
    "deep nesting": (lambda folder: (folder / "card.yaml").write_text("[" * 50000), "nested more than 10 levels deep"),
    "an object": (
        lambda folder: (folder / "card.yaml").write_text("!!python/object/apply:os.getcwd []"),
        "gives a value a type",
    ),
    "a list": (lambda folder: (folder / "card.yaml").write_text("- 1"), "card.yaml: : Input should be"),
}


@pytest.mark.parametrize("fault", FILES)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, raw: Path, fault: str) -> None:
    spoil, message = FILES[fault]
    folder = write_indicator(tmp_path / "source")
    spoil(folder)
    with pytest.raises(BadInput, match=message):
        read_own_indicator(folder, raw)
    _refusal(folder, raw)


def _measure(card: dict[str, Any], **changes: Any) -> None:
    card["tables"]["days"]["columns"][DAYS_COLUMN] |= changes


def _renamed(card: dict[str, Any], name: str) -> None:
    columns = card["tables"]["days"]["columns"]
    columns[name] = columns.pop(DAYS_COLUMN)


def _without(card: dict[str, Any], key: str) -> None:
    del card["tables"]["days"]["columns"][DAYS_COLUMN][key]


CARDS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a publisher's source": (
        lambda card: card.update(source="wgi"),
        "source: 'wgi' is the name of a publisher's source",
    ),
    "the partner table": (
        lambda card: card.update(source="partners"),
        "'partners' is the name of a publisher's source",
    ),
    "a publisher's columns": (
        lambda card: card.update(source="usmil_mine"),
        "like the column 'usmil_assistance_usd' of",
    ),
    "an output's columns": (lambda card: card.update(source="misuse_mine"), "begins with 'misuse', which the engine's"),
    "a path": (lambda card: card.update(source="../raw/wgi"), "expected lower-case letters, digits"),
    "a hidden name": (lambda card: card.update(source=".kept"), "expected lower-case letters, digits"),
    "another's column": (lambda card: _renamed(card, "pts_mean"), "column 'pts_mean': expected invented_unrest_ and"),
    "a derived column": (lambda card: _renamed(card, f"{DAYS_COLUMN}_d5"), "ends like a derived column"),
    "no theme": (lambda card: _without(card, "theme"), "theme is missing"),
    "another theme": (lambda card: _measure(card, theme="weather"), "theme: Input should be 'governance'.*'weather'"),
    "no sign": (lambda card: _without(card, "sign"), "sign is missing; state whether higher is worse, better or none"),
    "another sign": (lambda card: _measure(card, sign="bad"), "sign: Input should be 'worse', 'better' or 'none'"),
    "bounds that are none": (
        lambda card: _measure(card, floor=9, ceiling=1),
        "found floor 9 and ceiling 1, expected two numbers",
    ),
    "endless bounds": (lambda card: _measure(card, ceiling=float("inf")), "found floor 0 and ceiling inf"),
    "no label": (lambda card: _measure(card, label=" "), "label: found 1 characters ' '"),
    "a long label": (lambda card: _measure(card, label="x" * 500), "label: found 500 characters"),
    "a label that controls": (lambda card: _measure(card, label="a\u202eb"), "expected 1 to 120 printable"),
    "a script": (lambda card: card.update(address="javascript:alert(1)"), "expected an address that begins with https"),
    "an unknown word": (lambda card: card.update(colour="red"), "colour: Extra inputs are not permitted, found 'red'"),
    "keys": (lambda card: card["tables"]["days"].update(keys=["iso3"]), "expected \\['iso3', 'year'\\]"),
    "a long age": (lambda card: card["tables"]["days"].update(max_age=40), "max_age 40 is outside 0 to 10"),
    "too few rows": (
        lambda card: card["tables"]["days"]["rows"].update(floor=11000),
        "rows, the card's floor is 11000",
    ),
}


@pytest.mark.parametrize("fault", CARDS)
def test_a_card_that_cannot_be_used_is_refused_with_what_is_accepted(tmp_path: Path, raw: Path, fault: str) -> None:
    spoil, message = CARDS[fault]
    folder = write_indicator(tmp_path / "source", spoil)
    with pytest.raises(BadInput, match=message):
        read_own_indicator(folder, raw)
    _refusal(folder, raw)


def test_a_table_without_a_value_is_refused(tmp_path: Path, raw: Path) -> None:
    folder = write_indicator(
        tmp_path / "source", rows=lambda frame: frame.with_columns(pl.lit("").alias(n) for n in frame.columns[2:])
    )
    assert "days.csv: 0 rows, the card's floor is 1000" in _refusal(folder, raw)


def test_rows_before_independence_or_without_a_value_are_left_out_and_counted(tmp_path: Path, raw: Path) -> None:
    early = pl.DataFrame({"iso3": ["SSD", "XKX"], "year": [1990, 1995], "a": [1.0, 2.0], "b": [0.1, 0.2]})
    blank = pl.DataFrame({"iso3": ["EGY"], "year": [2024], "a": [None], "b": [None]}, schema=early.schema)

    def more(frame: pl.DataFrame) -> pl.DataFrame:
        return pl.concat(
            [frame, *(extra.rename(dict(zip(extra.columns, frame.columns, strict=True))) for extra in (early, blank))]
        )

    intake = read_own_indicator(write_indicator(tmp_path / "source", rows=more), raw)
    assert intake.dropped_rows == {"days": 3} and intake.card.tables["days"].latest_year == 2023


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=12), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_any_line_of_text_is_taken_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str]
) -> None:
    folder = write_edited_indicator(tmp_path_factory.getbasetemp() / "any", 5, ",".join(cells), first=2015)
    try:
        read_own_indicator(folder, raw=CURRENT_SNAPSHOT.folder)
    except BadInput as refused:
        assert len(str(refused).splitlines()) == 1
