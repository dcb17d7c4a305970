"""From publishers' files to the snapshot: the same bytes again, and a renamed column refused."""

from importlib import import_module
from pathlib import Path
from shutil import copyfile

import pytest

from features.bad_input import BadInput
from features.cards import RAW, read_card
from features.snapshot import compile_source

FILES = {
    "alignment": ("alignment/IdealpointsJuly2025.csv", "idealpointfp"),
    "coups": ("coups/ptcoups_gwyear_1950-2025.csv", "pt_attempt_num"),
    "influence": ("alignment/FBIC.csv", "secd_rus"),
    "military": ("military/cow_nmc.csv", "milex"),
    "pts": ("pts/pts_1976_2023.csv", "PTS_S"),
    "trafficking": ("trafficking/tip_tiers_1999_2015.csv", "tier"),
    "ucdp": ("ucdp/ucdp_organizedviolence_cy_v25_1.csv", "sb_total_deaths_best"),
    "wdi": ("wdi/wdi_1960_2024.csv", "wdi.gdppc.new"),
    "wgi": ("wgi/wgi_2025rev.csv", "wgi_rl_est"),
}


@pytest.mark.parametrize("source", FILES)
def test_compiling_again_gives_the_same_bytes(source: str, published: Path, tmp_path: Path) -> None:
    (tmp_path / source).mkdir()
    copyfile(RAW / source / "card.yaml", tmp_path / source / "card.yaml")
    again = compile_source(source, published, tmp_path)
    assert again == read_card(source)


@pytest.mark.parametrize("source", FILES)
def test_a_renamed_column_is_refused_in_one_line(source: str, published: Path, tmp_path: Path) -> None:
    name, column = FILES[source]
    lines = (published / name).read_text().splitlines()[:3]
    renamed = [lines[0].replace(column, "renamed", 1), *lines[1:]]
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_text("\n".join(renamed))
    with pytest.raises(BadInput) as refused:
        import_module(f"features.sources.{source}").compile_tables(tmp_path)
    assert str(refused.value).startswith(f"{tmp_path / name}: column {column!r} is missing; found ")
    assert "\n" not in str(refused.value)
