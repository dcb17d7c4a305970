"""Notifications to Congress in the snapshot and in their reader."""

from pathlib import Path

import polars as pl
import pytest

from features.snapshot.snapshot import CURRENT_SNAPSHOT
from features.sources.dsca import compile_tables
from features.sources.dsca_items import find_item_category

HEADER = "iso,cn_number,cn_year,value_usd,page_url,signal_date,title"


def invented(folder: Path, *lines: str) -> Path:
    path = folder / "us_arms_sales" / "dsca_notifications_2004_2026.csv"
    path.parent.mkdir()
    path.write_text("\n".join([HEADER, *lines]))
    return folder


def category(title: str) -> str | None:
    found: str | None = pl.DataFrame({"title": [title]}).select(find_item_category(pl.col("title"))).item()
    return found


def test_saudi_sales_of_2025_have_their_values() -> None:
    sales = CURRENT_SNAPSHOT.read_table("dsca", "notifications").filter(iso3="SAU", year=2025)
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


def test_an_invented_sale_takes_item_day_and_value_only_from_a_page_of_its_own(tmp_path: Path) -> None:
    shared, own = "780,page/1,2024-12-09,Javelin Missiles", "5,page/2,2025-08-26,F-35 Sustainment"
    folder = invented(
        tmp_path,
        f"PL,23-16,2023,{shared}",
        f"PL,25-64,2025,{shared}",
        f"PL,25-64,2025,{own}",
        "PL,24-01,2024,,,2024-12-09,Javelin Missiles",
    )
    assert compile_tables(folder)["sales"].sort("cn_number").rows() == [
        ("POL", 2023, "23-16", None, None, None),
        ("POL", 2024, "24-01", None, None, None),
        ("POL", 2025, "25-64", "VIIIa", "2025-08-26", 5),
    ]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("M4A1 Rifles and Support", "I"),
        ("Fast Missile Craft Modernization", "VI"),
        ("PATRIOT Advanced Capability-3 Missile Segment Enhancement Missiles", "sipri_air_defence_systems"),
        ("Maritime Patrol and Reconnaissance Aircraft P-8A and MK 54 Lightweight Torpedoes", "VIIId"),
        ("Eitan Powerpack Engines", "VII"),
        ("MK 54 MOD 0 Lightweight Torpedoes", "sipri_anti_submarine_weapons"),
        ("Excalibur Projectiles", "III_large"),
        ("AN/TPS-78 Long Range Radar", "XI_radar"),
        ("F-16 Munitions and Upgrades", "IV"),
        ("F-16 Training and Sustainment", "VIIIa"),
        ("Blanket Order Training", "IX"),
        ("Fixed Site-Low, Slow, Small Unmanned Aircraft Integrated Defeat System", "sipri_air_defence_systems"),
        ("Design and Construction Services", None),
        ("Brazil — CN 14-14", None),
    ],
)
def test_real_titles_fall_into_their_categories(title: str, expected: str | None) -> None:
    assert category(title) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Hellfire for Apache helicopters", "IV"),
        ("uh-60m black hawk helicopters", "VIIIb"),
        ("External fuel tanks", "VIIIa"),
        ("Riot control agents", "XIV"),
        ("5.56mm ammunition", "III"),
        ("M795 155mm projectiles", "III_large"),
        ("120mm tank rounds", "III_large"),
        ("Ground surveillance radars", "sipri_sensors"),
        ("Shark-16 spare parts", None),
        ("Trifled goods", None),
    ],
)
def test_invented_titles_are_matched_by_whole_words_in_any_case(title: str, expected: str | None) -> None:
    assert category(title) == expected


def test_the_snapshot_has_a_row_a_number_and_knows_few_items() -> None:
    sales = CURRENT_SNAPSHOT.read_table("dsca", "sales")
    assert (sales.height, sales["announced"].count(), sales["item"].count()) == (1064, 77, 70)
    assert sales.filter(pl.col("item").is_not_null() & pl.col("announced").is_null()).is_empty()
    assert sales.filter(iso3="NGA", cn_number="21-47").row(0)[3:] == ("IV", "2025-08-13", 346_000_000)


def test_no_title_of_the_published_file_stands_in_the_table_of_sales(published: Path) -> None:
    lines = pl.read_csv(published / "us_arms_sales" / "dsca_notifications_2004_2026.csv", infer_schema=False)
    sales = compile_tables(published)["sales"]
    kept = {value for name in ("iso3", "cn_number", "item", "announced") for value in sales[name].drop_nulls()}
    assert sales.sort("iso3", "year", "cn_number").equals(CURRENT_SNAPSHOT.read_table("dsca", "sales"))
    assert kept.isdisjoint({text for name in ("title", "description", "page_url", "pdf_url") for text in lines[name]})
