"""Convert a publisher's layout to exactly the columns that the source's reader expects."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl

from features.bad_input import BadInput
from features.files.untrusted import parse_json
from features.sources.published import read_published
from features.sources.vdem import CORE_COLUMNS

# Earlier years have states and codes that are not in the partner tables.
FIRST_YEAR = 1946
GOVERNANCE_INDICATORS = {
    f"GOV_WGI_{name.upper()}.EST": f"wgi_{name}_est" for name in ("va", "pv", "ge", "rq", "rl", "cc")
}
DEVELOPMENT_INDICATORS = {
    "NY.GDP.PCAP.KD": "wdi.gdppc.new",
    "NY.GDP.PCAP.KD.ZG": "wdi.gdppcgrow.new",
    "SP.POP.TOTL": "wdi.popsize.new",
    "NE.TRD.GNFS.ZS": "wdi.trade.new",
    "SP.DYN.IMRT.IN": "wdi.imrate.new",
}
OIL_INDICATORS = {"NY.GDP.PETR.RT.ZS": "oil_rents_gdp"}
OWID_VALUES = ("_vdem__estimate_best", "regime_row_owid")
COUP_COLUMNS = ["coup1", "coup2", "coup3", "coup4"]
SUCCESSFUL_COUP = 2

LayoutAdapter = Callable[[Sequence[Path], Path], None]


def adapt_layout(layout: str, texts: Sequence[Path], to: Path) -> None:
    """Convert the text files of an address to one file in the layout of the source's reader.

    Raises BadInput if the publisher's columns are not those the adapter expects.
    """
    LAYOUT_ADAPTERS[layout](texts, to)


def _move_unchanged(texts: Sequence[Path], to: Path) -> None:
    if len(texts) != 1:
        raise BadInput(f"found {len(texts)} addresses, expected 1; set a layout on the card to join them")
    texts[0].replace(to)


def _adapt_vdem_core(texts: Sequence[Path], to: Path) -> None:
    """V-Dem's own country-year file: its country codes, all years from 1946."""
    types = {"country_text_id": pl.String, "year": pl.Int64} | dict.fromkeys(CORE_COLUMNS, pl.Float64)
    rows = _read_columns(texts[0], types).filter(pl.col("year") >= FIRST_YEAR)
    rows.rename({"country_text_id": "iso3c"}).write_csv(to)


def _adapt_owid_vdem(texts: Sequence[Path], to: Path) -> None:
    """Our World in Data's files, one per measure in the reader's order: entity, code, year, best estimate."""
    if len(texts) != len(CORE_COLUMNS):
        raise BadInput(f"found {len(texts)} addresses, expected {len(CORE_COLUMNS)}, one per measure")
    joined = None
    for measure, text in zip(CORE_COLUMNS, texts, strict=True):
        rows = _read_owid_measure(text, measure)
        joined = rows if joined is None else joined.join(rows, on=["iso3c", "year"], how="full", coalesce=True)
    assert joined is not None
    joined.filter(pl.col("year") >= FIRST_YEAR).sort("iso3c", "year").write_csv(to)


def _read_owid_measure(text: Path, measure: str) -> pl.DataFrame:
    names = _read_header(text)
    values = [name for name in names if name.lower().endswith(OWID_VALUES)]
    keys = {name.lower(): name for name in names}
    if len(values) != 1 or not {"code", "year"} <= set(keys):
        raise BadInput(
            f"{measure}: found columns {', '.join(names[:8])}; expected code, year and one value column of "
            "Our World in Data"
        )
    rows = _read_columns(text, {keys["code"]: pl.String, keys["year"]: pl.Int64, values[0]: pl.Float64})
    # Regions and the world have no code.
    return rows.rename({keys["code"]: "iso3c", keys["year"]: "year", values[0]: measure}).drop_nulls("iso3c")


def _adapt_powell_thyne(texts: Sequence[Path], to: Path) -> None:
    """Up to four coups per state and year, 1 failed and 2 successful, by the authors' Gleditsch-Ward numbers."""
    types: dict[str, type[pl.DataType]] = dict.fromkeys(["ccode_gw", "year", *COUP_COLUMNS], pl.Int64)
    rows = _read_columns(texts[0], types, separator="\t")
    coups = [pl.col(name).fill_null(0) for name in COUP_COLUMNS]
    invalid = rows.filter(pl.any_horizontal(~coup.is_between(0, SUCCESSFUL_COUP) for coup in coups))
    if invalid.height:
        codes = invalid.select(COUP_COLUMNS).row(0)
        raise BadInput(f"{invalid['year'][0]}: found coup codes {codes}, expected 0, 1 or 2")
    rows.select(
        "year",
        gwcode="ccode_gw",
        pt_attempt_num=pl.sum_horizontal((coup > 0).cast(pl.Int64) for coup in coups),
        pt_coup_num=pl.sum_horizontal((coup == SUCCESSFUL_COUP).cast(pl.Int64) for coup in coups),
    ).write_csv(to)


def _build_world_bank_adapter(columns: Mapping[str, str]) -> LayoutAdapter:
    """The World Bank's API: one JSON page of observations per indicator; more pages would mean missing rows."""

    def adapt_indicators(texts: Sequence[Path], to: Path) -> None:
        rows: dict[tuple[str, str], dict[str, str]] = {}
        observed: set[str] = set()
        for text in texts:
            for indicator, iso3, year, value in _parse_observations(text):
                if indicator not in columns:
                    raise BadInput(f"found an observation of {indicator!r}, expected one of {', '.join(columns)}")
                observed.add(indicator)
                if value is not None:
                    rows.setdefault((iso3, year), {})[columns[indicator]] = repr(value)
        missing = sorted(set(columns) - observed)
        if missing:
            raise BadInput(f"no observation of {missing[0]}")
        with to.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, ["iso3c", "year", *columns.values()], restval="")
            table.writeheader()
            for (iso3, year), row in sorted(rows.items()):
                table.writerow({"iso3c": iso3, "year": year} | row)

    return adapt_indicators


def _parse_observations(text: Path) -> Iterable[tuple[str, str, str, float | None]]:
    """Indicator, ISO3, year and value; skips income groups, which have no code."""
    try:
        header, rows = parse_json(text.read_bytes())
        pages = int(header["pages"])
        observations = [(row["indicator"]["id"], row["countryiso3code"], row["date"], row["value"]) for row in rows]
    except (ValueError, KeyError, TypeError):
        raise BadInput("not a World Bank API response with observations") from None
    if pages != 1:
        raise BadInput(f"found {pages} pages, expected 1; the address must request all rows at once")
    return [row for row in observations if row[1]]


def _read_columns(path: Path, columns: Mapping[str, type[pl.DataType]], separator: str = ",") -> pl.DataFrame:
    return read_published(path.parent, path.name, columns, separator=separator)


def _read_header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file), [])


LAYOUT_ADAPTERS: Mapping[str, LayoutAdapter] = {
    "": _move_unchanged,
    "vdem_core": _adapt_vdem_core,
    "owid_vdem": _adapt_owid_vdem,
    "wgi": _build_world_bank_adapter(GOVERNANCE_INDICATORS),
    "wdi": _build_world_bank_adapter(DEVELOPMENT_INDICATORS),
    "wdi_oil": _build_world_bank_adapter(OIL_INDICATORS),
    "powell_thyne": _adapt_powell_thyne,
}
