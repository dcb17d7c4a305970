"""Publishers' layouts, in small invented extracts, converted to the columns that the readers expect."""

import json
from pathlib import Path

import polars as pl
import pytest

from features.bad_input import BadInput
from features.refresh.layouts import DEVELOPMENT_INDICATORS, GOVERNANCE_INDICATORS, adapt_layout
from features.sources.vdem import CORE_COLUMNS

COUPS = (
    "ccode\tabbrev\tcountry\tyear\tccode_gw\tccode_polity\tcoup1\tcoup2\tcoup3\tcoup4\tdate1\tversion\n"
    '432\tMLI\t"Mali"\t2020\t432\t432\t2\t0\t0\t0\t"18aug2020"\t"V1"\n'
    '625\tSUD\t"Sudan"\t2021\t625\t625\t1\t2\t\t0\t""\t"V1"\n'
)


def _adapted(tmp_path: Path, layout: str, *texts: str) -> pl.DataFrame:
    paths = []
    for at, text in enumerate(texts):
        paths.append(tmp_path / f"{at}.csv")
        paths[-1].write_text(text, encoding="utf-8")
    adapt_layout(layout, paths, tmp_path / "out.csv")
    return pl.read_csv(tmp_path / "out.csv")


def _world_bank(indicator: str, *rows: tuple[str, str, float | None], pages: int = 1) -> str:
    observed = [
        {"indicator": {"id": indicator, "value": ""}, "countryiso3code": iso3, "date": year, "value": value}
        for iso3, year, value in rows
    ]
    return json.dumps([{"page": 1, "pages": pages}, observed])


def test_coups_are_counted_by_the_authors_gleditsch_ward_numbers(tmp_path: Path) -> None:
    assert _adapted(tmp_path, "powell_thyne", COUPS).rows(named=True) == [
        {"year": 2020, "gwcode": 432, "pt_attempt_num": 1, "pt_coup_num": 1},
        {"year": 2021, "gwcode": 625, "pt_attempt_num": 2, "pt_coup_num": 1},
    ]


def test_a_coup_coded_in_a_new_way_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"2020: found coup codes \(3, 0, 0, 0\), expected 0, 1 or 2"):
        _adapted(tmp_path, "powell_thyne", COUPS.replace("\t2\t0\t0", "\t3\t0\t0"))


def test_world_bank_indicators_are_joined_and_groups_without_a_code_left_out(tmp_path: Path) -> None:
    texts = [
        _world_bank(name, ("EGY", "2024", float(at)), ("", "2024", 9.0))
        for at, name in enumerate(GOVERNANCE_INDICATORS)
    ]
    adapted = _adapted(tmp_path, "wgi", *texts)
    assert adapted.rows(named=True) == [
        {"iso3c": "EGY", "year": 2024} | {name: float(at) for at, name in enumerate(GOVERNANCE_INDICATORS.values())}
    ]


def test_a_value_the_world_bank_does_not_have_stays_missing(tmp_path: Path) -> None:
    first, *others = DEVELOPMENT_INDICATORS
    texts = [_world_bank(first, ("SSD", "2024", None))] + [_world_bank(name, ("SSD", "2024", 1.5)) for name in others]
    adapted = _adapted(tmp_path, "wdi", *texts)
    assert adapted[DEVELOPMENT_INDICATORS[first]].to_list() == [None]
    assert adapted[DEVELOPMENT_INDICATORS[others[0]]].to_list() == [1.5]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([_world_bank("NY.GDP.PETR.RT.ZS", ("EGY", "2021", 1.0), pages=2)], "found 2 pages, expected 1"),
        ([_world_bank("SP.POP.TOTL", ("EGY", "2021", 1.0))], "an observation of 'SP.POP.TOTL'"),
        ([_world_bank("NY.GDP.PETR.RT.ZS")], "no observation of NY.GDP.PETR.RT.ZS"),
        (['[{"message": [{"id": "175", "value": "The indicator was not found"}]}]'], "not a World Bank API response"),
    ],
    ids=["several pages", "another indicator", "no rows", "an error in a normal response"],
)
def test_a_world_bank_response_that_is_incomplete_is_refused(tmp_path: Path, texts: list[str], message: str) -> None:
    with pytest.raises(BadInput) as refused:
        _adapted(tmp_path, "wdi_oil", *texts)
    assert message in str(refused.value)


def test_vdems_own_file_begins_in_1946_under_its_letters(tmp_path: Path) -> None:
    names = ",".join(CORE_COLUMNS)
    values = ",".join("0.5" for _ in CORE_COLUMNS)
    text = f"country_name,country_text_id,year,{names}\nEgypt,EGY,1945,{values}\nEgypt,EGY,2025,{values}\n"
    adapted = _adapted(tmp_path, "vdem_core", text)
    assert adapted.columns == ["iso3c", "year", *CORE_COLUMNS]
    assert adapted.select("iso3c", "year").rows() == [("EGY", 2025)]


def _owid(header: str = "entity,code,year,{name}_vdem__estimate_best,owid_region") -> list[str]:
    rows = "Egypt,EGY,2025,0.25,Africa\nWorld,,2025,0.5,\n"
    return [f"{header.format(name=name)}\n{rows}" for name in CORE_COLUMNS]


def test_our_world_in_datas_files_are_joined_in_the_order_of_the_measures(tmp_path: Path) -> None:
    adapted = _adapted(tmp_path, "owid_vdem", *_owid())
    assert adapted.rows(named=True) == [{"iso3c": "EGY", "year": 2025} | dict.fromkeys(CORE_COLUMNS, 0.25)]


def test_a_measure_under_another_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="v2x_clphy: found columns .*value column of Our World in Data"):
        _adapted(tmp_path, "owid_vdem", *_owid("entity,code,year,{name},owid_region"))


def test_a_renamed_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="column 'ccode_gw' is missing"):
        _adapted(tmp_path, "powell_thyne", COUPS.replace("ccode_gw", "gwno"))


def test_real_coups_come_out_as_the_reader_would_have_them(published: Path, tmp_path: Path) -> None:
    real = pl.read_csv(published / "coups/ptcoups_gwyear_1950-2025.csv").filter(pl.col("pt_attempt_num") <= 4)
    attempts, won = pl.col("pt_attempt_num"), pl.col("pt_coup_num")
    layout = real.select(
        "year",
        ccode_gw="gwcode",
        **{f"coup{at}": pl.when(won >= at).then(2).when(attempts >= at).then(1).otherwise(0) for at in (1, 2, 3, 4)},
    )
    adapted = _adapted(tmp_path, "powell_thyne", layout.write_csv(separator="\t"))
    assert (
        adapted.sort("gwcode", "year")
        .select("gwcode", "year", "pt_attempt_num", "pt_coup_num")
        .equals(real.sort("gwcode", "year").select("gwcode", "year", "pt_attempt_num", "pt_coup_num"))
    )
