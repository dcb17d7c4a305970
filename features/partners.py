"""Which states existed in each year, by ISO3 code, and how publishers' codes and names map to them."""

from functools import cache
from pathlib import Path
from typing import Literal

import polars as pl

from features.bad_input import BadInput

PARTNERS_FOLDER = Path(__file__).resolve().parents[1] / "data" / "raw" / "partners"
SUPPLIER_CODE = "USA"

CodeScheme = Literal["iso3", "gw", "cow", "name"]


@cache
def load_partners() -> pl.DataFrame:
    """All states since 1946: iso3, name, region, gw, cow, first_year, last_year (null while it exists), note."""
    return pl.read_csv(PARTNERS_FOLDER / "partners.csv", schema_overrides={"last_year": pl.Int64}).sort("iso3")


@cache
def load_partner_codes() -> pl.DataFrame:
    """Codes and names beyond those in the partner table; a row without iso3 is excluded, for the reason it gives."""
    text = pl.String
    return pl.read_csv(
        PARTNERS_FOLDER / "codes.csv",
        schema={
            "source": text,
            "scheme": text,
            "code": text,
            "first": pl.Int64,
            "last": pl.Int64,
            "iso3": text,
            "reason": text,
        },
    )


@cache
def list_partner_years(first: int, last: int) -> pl.DataFrame:
    """One row per state and year of its existence (iso3, year), from first to last inclusive; sorted."""
    end = pl.col("last_year").fill_null(last)
    years = pl.int_ranges(pl.max_horizontal("first_year", pl.lit(first)), pl.min_horizontal(end, pl.lit(last)) + 1)
    existing = load_partners().filter(pl.col("first_year") <= last, end >= first)
    return existing.select("iso3", year=years).explode("year")


def map_to_partners(facts: pl.DataFrame, code: str, scheme: CodeScheme, source: str) -> pl.DataFrame:
    """Replace a publisher's `code` column with `iso3`, keeping the years in which that state existed.

    Codes listed as excluded are dropped, as are years before and after statehood; any other code is refused.
    """
    coded = facts.with_columns(pl.col(code).cast(pl.String).str.strip_chars().alias("_code")).with_row_index("_row")
    listed = _list_scheme_codes(source, scheme)
    matches = (
        coded.select("_row", "_code", "year")
        .join(listed, left_on="_code", right_on="code", how="left", nulls_equal=True)
        .filter(pl.col("year").is_between(pl.col("first"), pl.col("last")) | pl.col("rank").is_null())
        .sort("_row", "rank")
        .unique("_row", keep="first", maintain_order=True)
    )
    unknown = coded.join(matches.filter(pl.col("rank").is_not_null()), on="_row", how="anti")
    if unknown.height:
        row = unknown.row(0, named=True)
        raise BadInput(
            f"{source}: {scheme} {row['_code']!r} in column {code!r} (year {row['year']}) is neither a partner "
            f"nor listed as left out in data/raw/partners/codes.csv"
        )
    return (
        coded.drop("iso3", strict=False)
        .join(matches.select("_row", "iso3"), on="_row")
        .filter(pl.col("iso3").is_not_null())
        .join(load_partners().select("iso3", "first_year", "last_year"), on="iso3")
        .filter(_check_state_existed())
        .drop({code, "_code", "_row", "first_year", "last_year"} - {"iso3"})
        .select("iso3", "year", pl.exclude("iso3", "year"))
        .sort("iso3", "year")
    )


def _check_state_existed() -> pl.Expr:
    return pl.col("year").is_between(pl.col("first_year"), pl.col("last_year").fill_null(9999))


def _list_scheme_codes(source: str, scheme: CodeScheme) -> pl.DataFrame:
    """All codes of a scheme, ranked: the publisher's own entries, then general entries, then the partner table."""
    own = load_partners().select(
        pl.col(scheme).cast(pl.String).alias("code"), "iso3", first=pl.lit(0), last=pl.lit(9999), rank=pl.lit(2)
    )
    extra = load_partner_codes().filter(
        pl.col("scheme") == scheme, pl.col("source").is_null() | (pl.col("source") == source)
    )
    ranked = extra.select(
        "code",
        "iso3",
        pl.col("first").fill_null(0).cast(pl.Int32),
        pl.col("last").fill_null(9999).cast(pl.Int32),
        rank=pl.when(pl.col("source").is_null()).then(1).otherwise(0),
    )
    return pl.concat([own, ranked], how="vertical_relaxed")
