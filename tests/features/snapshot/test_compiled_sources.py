"""From publishers' files to the snapshot: the same bytes again, and a renamed column refused."""

import gzip
from importlib import import_module
from pathlib import Path
from shutil import copyfile

import pytest

from features.bad_input import BadInput
from features.snapshot.cards import RAW_FOLDER
from features.snapshot.compile import SOURCES, compile_source
from features.snapshot.snapshot import CURRENT_SNAPSHOT

FILES = {
    "alignment": ("alignment/IdealpointsJuly2025.csv", "idealpointfp"),
    "alliances": ("alliances/atop_alliance.csv.gz", "atop_defense"),
    "coups": ("coups/ptcoups_gwyear_1950-2025.csv", "pt_attempt_num"),
    "dsca": ("us_arms_sales/dsca_notifications_2004_2026.csv", "cn_year"),
    "influence": ("alignment/FBIC.csv", "secd_rus"),
    "military": ("military/cow_nmc.csv", "milex"),
    "pts": ("pts/pts_1976_2023.csv", "PTS_S"),
    "rivalries": ("alliances/tss_rivalries.csv", "start"),
    "sipri": ("sipri/trade-register_2026-05-18_1950-2025.csv.gz", "Supplier"),
    "trafficking": ("trafficking/tip_tiers_1999_2015.csv", "tier"),
    "ucdp": ("ucdp/ucdp_organizedviolence_cy_v25_1.csv", "sb_total_deaths_best"),
    "us_arms_sales": ("us_arms_sales/arms_sales_totals.csv.gz", "authorizations"),
    "us_assistance": ("us_assistance/military_country_fy_account_1946_2020.csv", "account"),
    "us_presence": ("us_presence/troopdata-rebuild-country-year.csv", "troops_ad"),
    "vdem": ("vdem/vdem_v16_owid_8vars_1945_2025.csv", "v2x_clphy"),
    "wdi": ("wdi/wdi_1960_2024.csv", "wdi.gdppc.new"),
    "wgi": ("wgi/wgi_2025rev.csv", "wgi_rl_est"),
}
TOP = 14


@pytest.mark.parametrize("source", FILES)
def test_compiling_again_gives_the_same_bytes(source: str, published: Path, tmp_path: Path) -> None:
    (tmp_path / source).mkdir()
    copyfile(RAW_FOLDER / source / "card.yaml", tmp_path / source / "card.yaml")
    assert compile_source(source, published, tmp_path) == CURRENT_SNAPSHOT.read_card(source)


@pytest.mark.parametrize("source", FILES)
def test_a_renamed_column_is_refused_in_one_line(source: str, published: Path, tmp_path: Path) -> None:
    name, column = FILES[source]
    (tmp_path / name).parent.mkdir()
    opened = gzip.open if name.endswith(".gz") else open
    with opened(published / name, "rb") as original, opened(tmp_path / name, "wb") as copy:
        top = b"".join(original.readline() for _ in range(TOP))
        copy.write(top.replace(column.encode(), b"renamed", 1))
    with pytest.raises(BadInput) as refused:
        import_module(f"features.sources.{source}").compile_tables(tmp_path)
    assert str(refused.value).startswith(f"{tmp_path / name}: column {column!r} is missing; found ")
    assert "\n" not in str(refused.value)


def test_every_source_is_tried() -> None:
    assert set(FILES) == set(SOURCES)
