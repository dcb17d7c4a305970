"""SIPRI arms transfers: major weapons delivered to and by each state, as sums over deals."""

from pathlib import Path

import polars as pl

from features.partners import map_to_partners
from features.sources.published import read_published

REGISTER_FILE = "sipri/trade-register_2026-05-18_1950-2025.csv.gz"
DELIVERIES_FILE = "sipri/at-deliveries_2026-02-12_1995-2024.csv.gz"
HEADER_LINES = 11
EUROPEAN_SUPPLIERS = [
    "Albania",
    "Austria",
    "Belgium",
    "Bosnia-Herzegovina",
    "Bulgaria",
    "Croatia",
    "Cyprus",
    "Czechia",
    "Czechoslovakia",
    "Denmark",
    "East Germany (GDR)",
    "Estonia",
    "European Union**",
    "Finland",
    "France",
    "Germany",
    "Greece",
    "Hungary",
    "Iceland",
    "Ireland",
    "Italy",
    "Latvia",
    "Lithuania",
    "Luxembourg",
    "Malta",
    "Moldova",
    "Montenegro",
    "Netherlands",
    "North Macedonia",
    "Norway",
    "Poland",
    "Portugal",
    "Romania",
    "Serbia",
    "Slovakia",
    "Slovenia",
    "Spain",
    "Sweden",
    "Switzerland",
    "Ukraine",
    "United Kingdom",
    "Yugoslavia",
]
SUPPLIER_NAMES = {
    "us": ["United States"],
    "russia": ["Russia", "Soviet Union"],
    "china": ["China"],
    "europe": EUROPEAN_SUPPLIERS,
}
CATEGORY_NAMES = {
    "Aircraft": "aircraft",
    "Armoured vehicles": "armoured_vehicles",
    "Artillery": "artillery",
    "Missiles": "missiles",
    "Ships": "ships",
    "Air-defence systems": "air_defence",
    "Sensors": "sensors",
}
REPRESSIVE_CATEGORIES = ("aircraft", "armoured_vehicles", "artillery")
# Service lives of weapons: long, short, and medium for all others; in years in features.indices.arms_stock.
LONG_LIVED, SHORT_LIVED = ["Aircraft", "Ships"], ["Missiles"]


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Tables `transfers`, `concentration`, `exports`, `categories` and `lives`, by state and year, in million TIV."""
    flows = _read_flows(folder)
    delivered = _read_deliveries(folder)
    received = map_to_partners(flows, "Recipient", "name", "sipri")
    supplied = map_to_partners(flows, "Supplier", "name", "sipri")
    return {
        "transfers": _compile_transfers(received),
        "concentration": _compile_concentration(received),
        "exports": _sum_matching_volumes(supplied, {"sipri_exports_tiv": pl.lit(True)}),
        "categories": _compile_categories(delivered),
        "lives": _compile_lives(delivered),
    }


def _read_flows(folder: Path) -> pl.DataFrame:
    """Recipient, Supplier, year, tiv: each deal's delivered volume in equal parts over its delivery years."""
    types: dict[str, type[pl.DataType]] = {
        "Recipient": pl.String,
        "Supplier": pl.String,
        "Year(s) of delivery": pl.String,
        "SIPRI TIV of delivered weapons": pl.Float64,
    }
    # The comments are in latin-1; the columns read here are plain ASCII.
    deals = read_published(folder, REGISTER_FILE, types, encoding="utf8-lossy", skip=HEADER_LINES)
    years = pl.col("Year(s) of delivery").str.split("; ")
    return (
        deals.drop_nulls("Year(s) of delivery")
        .with_columns(year=years, tiv=pl.col("SIPRI TIV of delivered weapons") / years.list.len())
        .explode("year")
        .select("Recipient", "Supplier", pl.col("year").cast(pl.Int64), "tiv")
    )


def _compile_transfers(received: pl.DataFrame) -> pl.DataFrame:
    supplier = pl.col("Supplier")
    groups = {f"sipri_{group}_tiv": supplier.is_in(names) for group, names in SUPPLIER_NAMES.items()}
    other = {"sipri_other_tiv": ~pl.any_horizontal(groups.values())}
    return _sum_matching_volumes(received, {"sipri_total_tiv": pl.lit(True)} | groups | other)


def _compile_concentration(received: pl.DataFrame) -> pl.DataFrame:
    """Herfindahl index of the suppliers' shares; no row for a year without volume."""
    volumes = received.with_columns(pl.col("Supplier").replace("Soviet Union", "Russia"))
    volumes = volumes.group_by("iso3", "year", "Supplier").agg(pl.col("tiv").sum()).filter(pl.col("tiv") > 0)
    squared = ((pl.col("tiv") / pl.col("tiv").sum()) ** 2).sum()
    return volumes.group_by("iso3", "year").agg(sipri_supplier_concentration=squared.round(6).clip(0, 1))


def _read_deliveries(folder: Path) -> pl.DataFrame:
    """One row per deal and year of delivery, with its armament category and the recipient's iso3."""
    types: dict[str, type[pl.DataType]] = {
        "Recipient": pl.String,
        "Supplier": pl.String,
        "Armament category": pl.String,
        "Delivery year": pl.Int64,
        "TIV delivery values": pl.Float64,
    }
    rows = read_published(folder, DELIVERIES_FILE, types, skip=HEADER_LINES)
    named = rows.rename({"Delivery year": "year", "TIV delivery values": "tiv"})
    return map_to_partners(named, "Recipient", "name", "sipri")


def _compile_categories(received: pl.DataFrame) -> pl.DataFrame:
    category = pl.col("Armament category").replace_strict(CATEGORY_NAMES, default="other_categories")
    from_us = pl.col("Supplier") == "United States"
    every = {f"sipri_{name}_tiv": category == name for name in [*CATEGORY_NAMES.values(), "other_categories"]}
    american = {f"sipri_us_{name}_tiv": (category == name) & from_us for name in REPRESSIVE_CATEGORIES}
    return _sum_matching_volumes(received, every | american)


def _compile_lives(received: pl.DataFrame) -> pl.DataFrame:
    """Volumes by service life of the weapons, from all suppliers and from the United States."""
    long, short = (pl.col("Armament category").is_in(kinds) for kinds in (LONG_LIVED, SHORT_LIVED))
    from_us = pl.col("Supplier") == "United States"
    lives = {"long": long, "medium": ~(long | short), "short": short}
    every = {f"sipri_{life}_tiv": kind for life, kind in lives.items()}
    american = {f"sipri_us_{life}_tiv": kind & from_us for life, kind in lives.items()}
    return _sum_matching_volumes(received, every | american)


def _sum_matching_volumes(flows: pl.DataFrame, columns: dict[str, pl.Expr]) -> pl.DataFrame:
    """The volume of the rows that meet each column's condition; years without any volume are dropped."""
    sums = [pl.col("tiv").filter(condition).sum().round(6).alias(name) for name, condition in columns.items()]
    return flows.group_by("iso3", "year").agg(sums).filter(pl.sum_horizontal(*columns) > 0)
