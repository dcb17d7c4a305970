"""The themes joined into one row a partner and origin, checked against its contract."""

from collections.abc import Callable, Collection
from functools import reduce
from pathlib import Path

import pandera.polars as pa
import polars as pl

from features.arms_transfers import arms_transfers
from features.assistance import assistance
from features.bad_input import BadInput
from features.cards import RAW, read_card
from features.conflict import conflict
from features.governance import governance
from features.human_rights import human_rights
from features.neighbourhood import AVERAGED, neighbourhood
from features.own import own_features
from features.own_facts import own_indicators
from features.rule_of_law import rule_of_law
from features.timing import origins
from features.vocabulary import FIRST_ORIGIN, LATEST_ORIGIN, Profile, Theme

KEYS = ("iso3", "origin")
RATERS = ("pts", "vdem", "wdi", "wgi")
THEMES: dict[Theme, Callable[[Profile, Path], list[pl.LazyFrame]]] = {
    "governance": governance,
    "rule_of_law": rule_of_law,
    "human_rights": human_rights,
    "conflict": conflict,
    "arms_transfers": arms_transfers,
    "assistance": assistance,
}


def build_panel(profile: Profile, raw: Path = RAW) -> pl.DataFrame:
    """One row a partner and origin with every theme's features and ages, sorted; a breach of contract is refused."""
    frames = [frame for theme in THEMES.values() for frame in theme(profile, raw)]
    known = reduce(_join, frames, origins())
    with_neighbours = _join(known, neighbourhood(known, raw))
    panel = reduce(_join, own_indicators(profile, raw), with_neighbours).sort(*KEYS).collect()
    check_panel(panel, set(own_features(raw)))
    return panel


def themes_of(raw: Path = RAW) -> dict[str, Theme]:
    """The theme of every feature of the panel, by column name."""
    named: dict[str, Theme] = {}
    for theme, build in THEMES.items():
        for frame in build("snapshot", raw):
            named |= dict.fromkeys(frame.collect_schema().names(), theme)
    near: dict[str, Theme] = {f"{measure}_nb": "neighbourhood" for measure in AVERAGED}
    return {column: theme for column, theme in named.items() if column not in KEYS} | near | own_features(raw)


def rated_columns(panel: pl.DataFrame, raw: Path = RAW) -> list[str]:
    """Measures of the panel by publishers who rate each country, where a gap means that nobody looked."""
    rated = {
        measure for source in RATERS for table in read_card(source, raw).tables.values() for measure in table.columns
    }
    return [name for name in panel.columns if name in rated]


def check_panel(panel: pl.DataFrame, may_be_empty: Collection[str] = ()) -> None:
    """Refuse a panel whose keys repeat, whose types or ranges are off, or with a column that is missing throughout.

    `may_be_empty` names columns that may be missing: an own indicator whose last value is too old says nothing.
    """
    number = pa.Column(
        pl.Float64,
        nullable=True,
        checks=pa.Check(lambda data: data.lazyframe.select(pl.col(data.key).is_finite() | pl.col(data.key).is_null())),
    )
    share = pa.Column(pl.Float64, pa.Check.in_range(0, 1), nullable=True)
    age = pa.Column(pl.Float64, pa.Check.in_range(0, 30), nullable=True)
    columns = {name: _kind(name, number, share, age) for name in panel.columns if name not in KEYS}
    keys = {
        "iso3": pa.Column(pl.String, pa.Check.str_matches("^[A-Z]{3}$")),
        "origin": pa.Column(pl.Int64, pa.Check.in_range(FIRST_ORIGIN, LATEST_ORIGIN)),
    }
    try:
        pa.DataFrameSchema({**keys, **columns}, unique=list(KEYS), strict=True).validate(panel)
    except pa.errors.SchemaError as error:
        raise BadInput(f"panel: {' '.join(str(error).split())[:300]}") from None
    known = [name for name in panel.columns if name not in may_be_empty]
    empty = [name for name in known if panel[name].null_count() == panel.height]
    if empty:
        raise BadInput(f"panel: column {empty[0]} is missing for all {panel.height} rows")


def _kind(name: str, number: pa.Column, share: pa.Column, age: pa.Column) -> pa.Column:
    if name.endswith("_age"):
        return age
    return share if name.endswith(("_share10", "_share30")) else number


def _join(left: pl.LazyFrame, right: pl.LazyFrame) -> pl.LazyFrame:
    return left.join(right, on=list(KEYS), how="left", coalesce=True)
