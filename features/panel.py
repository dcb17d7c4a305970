"""The themes joined into one row a partner and origin, checked against its contract."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import polars as pl

from features.bad_input import BadInput
from features.snapshot.cards import RAW, read_card
from features.snapshot.duplicate_keys import repeats
from features.snapshot.own_sources import own_features
from features.themes.arms_transfers import arms_transfers
from features.themes.assistance import assistance
from features.themes.conflict import conflict
from features.themes.governance import governance
from features.themes.human_rights import human_rights
from features.themes.neighbourhood import AVERAGED, neighbourhood
from features.themes.own_indicators import own_indicators
from features.themes.rule_of_law import rule_of_law
from features.timing.as_known import Record, at_origins, origins
from features.vocabulary import FIRST_ORIGIN, LATEST_ORIGIN, Profile, Theme

KEYS = ("iso3", "origin")
RATERS = ("pts", "vdem", "wdi", "wgi")
THEMES: dict[Theme, Callable[[], list[Record]]] = {
    "governance": governance,
    "rule_of_law": rule_of_law,
    "human_rights": human_rights,
    "conflict": conflict,
    "arms_transfers": arms_transfers,
    "assistance": assistance,
}
# What may stand in a column, and whether a value does; what is not known does.
VALID: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "three capital letters": lambda code: code.str.contains("^[A-Z]{3}$"),
    f"{FIRST_ORIGIN} to {LATEST_ORIGIN}": lambda year: year.is_between(FIRST_ORIGIN, LATEST_ORIGIN),
    "0 to 30": lambda age: age.is_between(0, 30),
    "0 to 1": lambda share: share.is_between(0, 1),
    "a finite number": lambda value: value.is_finite(),
}


def build_panel(profile: Profile, raw: Path = RAW) -> pl.DataFrame:
    """One row a partner and origin with every theme's features and ages, sorted; a breach of contract is refused."""
    records = [record for theme in THEMES.values() for record in theme()]
    known = pl.concat([origins(), at_origins(records, profile, raw)], how="horizontal")
    panel = pl.concat([known, neighbourhood(known, raw), own_indicators(profile, raw)], how="horizontal")
    check_panel(panel, set(own_features(raw)))
    return panel


def themes_of(raw: Path = RAW) -> dict[str, Theme]:
    """The theme of every feature of the panel, by column name."""
    named = {column: theme for theme, build in THEMES.items() for record in build() for column in record.columns}
    near: dict[str, Theme] = {f"{measure}_nb": "neighbourhood" for measure in AVERAGED}
    return named | near | own_features(raw)


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
    for breach in _breaches(panel, may_be_empty):
        raise BadInput(f"panel: {breach}")


def _breaches(panel: pl.DataFrame, may_be_empty: Collection[str]) -> Iterator[str]:
    """What breaks the contract, the keys first, as one line each."""
    types = {"iso3": pl.String(), "origin": pl.Int64()}
    for name, found in panel.schema.items():
        if found != (expected := types.get(name, pl.Float64())):
            yield f"column {name}: {found} found, expected {expected}"
    if repeats(panel, KEYS):
        repeated = panel.select(KEYS).filter(pl.struct(KEYS).is_duplicated())
        yield f"key {repeated.row(0)} stands more than once, expected unique"
    kinds = [_kind(name) for name in panel.columns]
    for kind, valid in VALID.items():
        names = [name for name, its in zip(panel.columns, kinds, strict=True) if its == kind]
        sound = panel.select(valid(pl.col(names)).all()).row(0, named=True) if names else {}
        for name in [name for name, holds in sound.items() if not holds]:
            wrong = panel.filter(~valid(pl.col(name))).row(0, named=True)
            yield f"{wrong['iso3']} {wrong['origin']}, column {name}: {wrong[name]!r} found, expected {kind}"
    for name in panel.columns:
        if panel[name].null_count() == panel.height and name not in may_be_empty:
            yield f"column {name} is missing for all {panel.height} rows"


def _kind(name: str) -> str:
    """What a column may hold, by its name: a key of VALID."""
    if name in KEYS:
        return {"iso3": "three capital letters", "origin": f"{FIRST_ORIGIN} to {LATEST_ORIGIN}"}[name]
    if name.endswith("_age"):
        return "0 to 30"
    return "0 to 1" if name.endswith(("_share10", "_share30")) else "a finite number"
