"""Notifications to Congress in the snapshot and in their reader."""

from pathlib import Path

import pytest

from features.cards import read_table
from features.sources.dsca import compile_tables

HEADER = "iso,cn_number,cn_year,value_usd,page_url"


def invented(folder: Path, *lines: str) -> Path:
    path = folder / "us_arms_sales" / "dsca_notifications_2004_2026.csv"
    path.parent.mkdir()
    path.write_text("\n".join([HEADER, *lines]))
    return folder


def test_saudi_sales_of_2025_have_their_values() -> None:
    sales = read_table("dsca", "notifications").filter(iso3="SAU", year=2025)
    assert sales.row(0)[2:] == (4, 7_500_000_000, 4)


def test_invented_sales_that_share_a_page_have_no_known_value(tmp_path: Path) -> None:
    folder = invented(tmp_path, "PL,23-16,2023,780,page/1", "PL,23-23,2023,780,page/1", "PL,23-40,2023,5,page/2")
    assert compile_tables(folder)["notifications"].row(0) == ("POL", 2023, 3, 5, 1)


@pytest.mark.parametrize("value", ["", "7"])
def test_an_invented_sale_without_any_known_value_has_none_rather_than_zero(tmp_path: Path, value: str) -> None:
    folder = invented(tmp_path, f"EG,24-01,2024,{value},page/1", f"EG,24-02,2024,{value},page/1")
    assert compile_tables(folder)["notifications"].row(0) == ("EGY", 2024, 2, None, 0)


def test_an_invented_sale_listed_again_without_its_value_counts_once(tmp_path: Path) -> None:
    folder = invented(tmp_path, "DK,25-51,2025,8500,page/1", "DK,25-51,2025,,")
    assert compile_tables(folder)["notifications"].row(0) == ("DNK", 2025, 1, 8500, 1)
