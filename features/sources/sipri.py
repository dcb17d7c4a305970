"""SIPRI arms transfers: major weapons delivered to and by each state, as sums over deals."""

from pathlib import Path

import polars as pl

from features.partners import to_partner
from features.sources.published import read_published

REGISTER = "sipri/trade-register_2026-05-18_1950-2025.csv.gz"
DELIVERIES = "sipri/at-deliveries_2026-02-12_1995-2024.csv.gz"
HEADER_LINES = 11
EUROPE = [
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
SUPPLIERS = {
    "us": ["United States"],
    "russia": ["Russia", "Soviet Union"],
    "china": ["China"],
    "europe": EUROPE,
}
CATEGORIES = {
    "Aircraft": "aircraft",
    "Armoured vehicles": "armoured_vehicles",
    "Artillery": "artillery",
    "Missiles": "missiles",
    "Ships": "ships",
    "Air-defence systems": "air_defence",
    "Sensors": "sensors",
}
REPRESSIVE = ("aircraft", "armoured_vehicles", "artillery")
# How long a kind of weapon lives: these long, missiles shortly, all else between; years in features.indices.arms_stock.
LONG_LIVED, SHORT_LIVED = ["Aircraft", "Ships"], ["Missiles"]


def compile_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Tables `transfers`, `concentration`, `exports`, `categories` and `lives`, by state and year, in million TIV."""
    flows = _flows(folder)
    delivered = _deliveries(folder)
    received = to_partner(flows, "Recipient", "name", "sipri")
    supplied = to_partner(flows, "Supplier", "name", "sipri")
    return {
        "transfers": _transfers(received),
        "concentration": _concentration(received),
        "exports": _summed(supplied, {"sipri_exports_tiv": pl.lit(True)}),
        "categories": _categories(delivered),
        "lives": _lives(delivered),
    }


def _flows(folder: Path) -> pl.DataFrame:
    """Recipient, Supplier, year, tiv: each deal's delivered volume in equal parts over its delivery years."""
    types: dict[str, type[pl.DataType]] = {
        "Recipient": pl.String,
        "Supplier": pl.String,
        "Year(s) of delivery": pl.String,
        "SIPRI TIV of delivered weapons": pl.Float64,
    }
    # The comments are in latin-1, the columns read here plain ASCII.
    deals = read_published(folder, REGISTER, types, encoding="utf8-lossy", skip=HEADER_LINES)
    years = pl.col("Year(s) of delivery").str.split("; ")
    return (
        deals.drop_nulls("Year(s) of delivery")
        .with_columns(year=years, tiv=pl.col("SIPRI TIV of delivered weapons") / years.list.len())
        .explode("year")
        .select("Recipient", "Supplier", pl.col("year").cast(pl.Int64), "tiv")
    )


def _transfers(received: pl.DataFrame) -> pl.DataFrame:
    supplier = pl.col("Supplier")
    groups = {f"sipri_{group}_tiv": supplier.is_in(names) for group, names in SUPPLIERS.items()}
    other = {"sipri_other_tiv": ~pl.any_horizontal(groups.values())}
    return _summed(received, {"sipri_total_tiv": pl.lit(True)} | groups | other)


def _concentration(received: pl.DataFrame) -> pl.DataFrame:
    """Herfindahl index of the suppliers' shares; a year without volume has none."""
    volumes = received.with_columns(pl.col("Supplier").replace("Soviet Union", "Russia"))
    volumes = volumes.group_by("iso3", "year", "Supplier").agg(pl.col("tiv").sum()).filter(pl.col("tiv") > 0)
    squared = ((pl.col("tiv") / pl.col("tiv").sum()) ** 2).sum()
    return volumes.group_by("iso3", "year").agg(sipri_supplier_concentration=squared.round(6).clip(0, 1))


def _deliveries(folder: Path) -> pl.DataFrame:
    """One line a deal and year of delivery, with its armament category, under the recipient's iso3."""
    types: dict[str, type[pl.DataType]] = {
        "Recipient": pl.String,
        "Supplier": pl.String,
        "Armament category": pl.String,
        "Delivery year": pl.Int64,
        "TIV delivery values": pl.Float64,
    }
    rows = read_published(folder, DELIVERIES, types, skip=HEADER_LINES)
    named = rows.rename({"Delivery year": "year", "TIV delivery values": "tiv"})
    return to_partner(named, "Recipient", "name", "sipri")


def _categories(received: pl.DataFrame) -> pl.DataFrame:
    category = pl.col("Armament category").replace_strict(CATEGORIES, default="other_categories")
    from_us = pl.col("Supplier") == "United States"
    every = {f"sipri_{name}_tiv": category == name for name in [*CATEGORIES.values(), "other_categories"]}
    american = {f"sipri_us_{name}_tiv": (category == name) & from_us for name in REPRESSIVE}
    return _summed(received, every | american)


def _lives(received: pl.DataFrame) -> pl.DataFrame:
    """Volumes by how long the weapons live, from all suppliers and from the United States."""
    long, short = (pl.col("Armament category").is_in(kinds) for kinds in (LONG_LIVED, SHORT_LIVED))
    from_us = pl.col("Supplier") == "United States"
    lives = {"long": long, "medium": ~(long | short), "short": short}
    every = {f"sipri_{life}_tiv": kind for life, kind in lives.items()}
    american = {f"sipri_us_{life}_tiv": kind & from_us for life, kind in lives.items()}
    return _summed(received, every | american)


def _summed(flows: pl.DataFrame, columns: dict[str, pl.Expr]) -> pl.DataFrame:
    """The volume of the rows that meet each column's condition; years without any volume are left out."""
    sums = [pl.col("tiv").filter(condition).sum().round(6).alias(name) for name, condition in columns.items()]
    return flows.group_by("iso3", "year").agg(sums).filter(pl.sum_horizontal(*columns) > 0)
