"""A case with every field wrong in turn: one line that names field, value and what is accepted."""

import re
from datetime import date
from typing import Any

import polars as pl
import pytest

from features.bad_input import BadInput
from risk.cases.reading.fields import (
    CASE_FIELD_NAMES,
    LINE_COLUMN,
    REQUIRED_FIELDS,
    AcceptedKeys,
    check_case_columns,
    check_case_fields,
    list_accepted_keys,
)
from risk.cases.tables.loading import load_transfer_tables
from risk.rules.loading import RULEBOOK_FOLDER
from risk.rules.rulebook_files import read_rulebook
from tests.risk.cases.transfer_cases import INVENTED_CASE

KEYS: AcceptedKeys = list_accepted_keys(
    load_transfer_tables(read_rulebook(RULEBOOK_FOLDER)), ["EGY", "NOR", "SAU", "UKR"]
)
WRONG: list[tuple[str, Any, str]] = [
    ("id", "../elsewhere", "expected 1 to 80 letters"),
    ("id", "=1+1", "expected 1 to 80 letters"),
    ("id", "", "is empty; expected 1 to 80"),
    ("id", "x" * 81, "expected 1 to 80"),
    ("partner", "egy", r"three capital letters .* \(did you mean 'EGY'\?\)"),
    ("partner", "XYZ", "one of 4 partners"),
    ("partner", "", "is empty"),
    ("programme", "FMS", r"one of fms, dcs, .* \(did you mean 'fms'\?\)"),
    ("programme", "gift", "one of fms, dcs, fmf"),
    ("item", "XXII", "one of I, II, III"),
    ("item", "viiia", "one of I, II"),
    ("end_user", "militia", "one of army, air_force"),
    ("end_user", "", "is empty; expected one of army"),
    ("quantity", "1.5", "a whole number from 1"),
    ("quantity", "0", "a whole number from 1"),
    ("quantity", "-3", "a whole number from 1"),
    ("quantity", "a dozen", "a whole number from 1"),
    ("value_usd", "1,000,000", "dollars from 1 to 1000000000000, without separators"),
    ("value_usd", "$5", "dollars from 1"),
    ("value_usd", "nan", "dollars from 1"),
    ("value_usd", "inf", "dollars from 1"),
    ("value_usd", "2e12", "dollars from 1"),
    ("objective", "peace", "one of lasting_capacity, posture_access"),
    ("gap", "x " * 1500, "at most 2,000 bytes"),
    ("support_years", "61", "years from 0 to 60"),
    ("support_years", "-1", "years from 0 to 60"),
    ("support_years", "long", "years from 0 to 60"),
    ("proposed", "01/11/2026", "a day as YYYY-MM-DD"),
    ("proposed", "2026-02-30", "a day as YYYY-MM-DD"),
    ("proposed", "1066-10-14", "from 1950-01-01"),
    ("proposed", "-2026-11-01", "from 1950-01-01"),
    ("proposed", "", "is empty; expected a day"),
    ("major_defense_equipment", "maybe", "yes, no, or nothing where it is not known"),
    ("use_terms", "signed", "true, false or nothing"),
    ("serial_audit", "2", "true, false or nothing"),
    ("sustainment_hold", "perhaps", "true, false or nothing"),
    ("note", "x" * 2001, "at most 2,000 bytes"),
]


def rows(*changes: dict[str, Any]) -> pl.DataFrame:
    texts = [
        {name: None if value is None else str(value) for name, value in (INVENTED_CASE | one).items()}
        for one in changes
    ]
    return (
        pl.DataFrame(texts, infer_schema_length=None)
        .with_row_index(LINE_COLUMN, offset=1)
        .cast({LINE_COLUMN: pl.Int64})
    )


@pytest.mark.parametrize(("field", "value", "expected"), WRONG, ids=[f"{w[0]}={w[1][:15]}" for w in WRONG])
def test_a_wrong_field_is_told_with_its_value_and_what_is_accepted(field: str, value: str, expected: str) -> None:
    found = check_case_fields(rows({}, {field: value}), KEYS)
    assert found.cases[LINE_COLUMN].to_list() == [1]
    fault = found.faults.row(0, named=True)
    assert (fault[LINE_COLUMN], fault["field"]) == (2, field)
    assert fault["reason"].startswith(f"{field}: ") and "\n" not in fault["reason"] and len(fault["reason"]) < 800
    assert re.search(expected, fault["reason"])
    assert not value or value[:10] in fault["reason"]


def test_every_field_is_among_the_wrong_ones() -> None:
    assert {field for field, _, _ in WRONG} == set(CASE_FIELD_NAMES)


def test_typed_columns_are_checked_like_text() -> None:
    typed = rows({}, {}, {}).with_columns(
        quantity=pl.Series([1, 0, None]),
        value_usd=pl.Series([1.0, 5.0, float("nan")]),
        proposed=pl.Series([date(2026, 11, 1)] * 3),
        major_defense_equipment=pl.Series([True, None, False]),
        item=pl.Series(["VII", "VII", "VII"], dtype=pl.Categorical),
    )
    found = check_case_fields(typed, KEYS)
    assert found.faults["field"].to_list() == ["quantity", "value_usd"]
    assert found.cases.schema["proposed"] == pl.Date and found.cases.schema["quantity"] == pl.Int64


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("partner", pl.Series([1, 2])),
        ("item", pl.Series([["VII"], ["VII"]])),
        ("use_terms", pl.Series([1, 0])),
        ("proposed", pl.Series([20261101, 20261101])),
        ("value_usd", pl.Series([b"1", b"2"])),
        ("quantity", pl.Series([True, False])),
    ],
)
def test_a_column_of_a_strange_type_rejects_its_rows_and_crashes_nothing(field: str, values: pl.Series) -> None:
    found = check_case_fields(rows({}, {}).with_columns(values.alias(field)), KEYS)
    assert found.cases.is_empty() and found.faults["field"].to_list() == [field, field]


@pytest.mark.parametrize(
    "days",
    [
        pl.Series([-(2**31), 2**31 - 1], dtype=pl.Int32).cast(pl.Date),
        pl.Series([-(2**62), 2**62]).cast(pl.Datetime("ms")),
        pl.Series([-(2**62), 2**62]).cast(pl.Datetime("us")),
    ],
    ids=lambda days: str(days.dtype),
)
def test_a_day_beyond_the_calendar_is_told_and_crashes_nothing(days: pl.Series) -> None:
    found = check_case_fields(rows({}, {}).with_columns(proposed=days), KEYS)
    assert found.cases.is_empty() and found.faults["field"].to_list() == ["proposed", "proposed"]
    assert "beyond the years 1 to 9999" in found.faults["reason"][0]


def test_objective_and_gap_may_be_empty_here_for_they_are_sent_back_later() -> None:
    assert check_case_fields(rows({"objective": "", "gap": None}), KEYS).faults.is_empty()


def test_unknown_and_missing_columns_are_refused() -> None:
    with pytest.raises(
        BadInput, match=r"f.csv: unknown field 'partnr'; did you mean 'partner'\? a case has id, partner"
    ):
        check_case_columns([*CASE_FIELD_NAMES, "partnr"], "f.csv")
    for name in REQUIRED_FIELDS:
        with pytest.raises(BadInput, match=f"the field '{name}' is missing; every case needs id, partner"):
            check_case_columns([field for field in CASE_FIELD_NAMES if field != name], "f.csv")
