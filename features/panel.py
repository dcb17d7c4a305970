"""The features of all themes in one row per partner and origin, checked against the panel's contract."""

from collections.abc import Callable, Collection, Iterator

import polars as pl

from features.bad_input import BadInput
from features.snapshot.duplicate_keys import has_duplicate_keys
from features.snapshot.own_sources import list_own_features
from features.snapshot.snapshot import Snapshot
from features.themes.arms_transfers import list_arms_transfer_features
from features.themes.assistance import list_assistance_features
from features.themes.conflict import list_conflict_features
from features.themes.governance import list_governance_features
from features.themes.human_rights import list_human_rights_features
from features.themes.neighbourhood import AVERAGED_MEASURES, average_neighbors
from features.themes.own_indicators import build_own_indicators
from features.themes.rule_of_law import list_rule_of_law_features
from features.timing.as_known import TableFeatures, derive_at_origins, list_origins
from features.vocabulary import FIRST_ORIGIN, LATEST_ORIGIN, Profile, Theme

PANEL_KEYS = ("iso3", "origin")
RATING_SOURCES = ("pts", "vdem", "wdi", "wgi")
THEME_BUILDERS: dict[Theme, Callable[[], list[TableFeatures]]] = {
    "governance": list_governance_features,
    "rule_of_law": list_rule_of_law_features,
    "human_rights": list_human_rights_features,
    "conflict": list_conflict_features,
    "arms_transfers": list_arms_transfer_features,
    "assistance": list_assistance_features,
}
# The kinds of values a column may hold, each with its test; missing values pass.
VALUE_RULES: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "three capital letters": lambda code: code.str.contains("^[A-Z]{3}$"),
    f"{FIRST_ORIGIN} to {LATEST_ORIGIN}": lambda year: year.is_between(FIRST_ORIGIN, LATEST_ORIGIN),
    "0 to 30": lambda age: age.is_between(0, 30),
    "0 to 1": lambda share: share.is_between(0, 1),
    "a finite number": lambda value: value.is_finite(),
}


def build_panel(profile: Profile, snapshot: Snapshot) -> pl.DataFrame:
    """One row a partner and origin with every theme's features and ages, sorted; a breach of contract is refused."""
    records = [record for theme in THEME_BUILDERS.values() for record in theme()]
    known = pl.concat([list_origins(), derive_at_origins(records, profile, snapshot)], how="horizontal")
    panel = pl.concat(
        [known, average_neighbors(known, snapshot), build_own_indicators(profile, snapshot)], how="horizontal"
    )
    check_panel(panel, set(list_own_features(snapshot.folder)))
    return panel


def find_feature_themes(snapshot: Snapshot) -> dict[str, Theme]:
    """The theme of every feature of the panel, by column name."""
    named = {
        column: theme for theme, build in THEME_BUILDERS.items() for record in build() for column in record.columns
    }
    near: dict[str, Theme] = {f"{measure}_nb": "neighbourhood" for measure in AVERAGED_MEASURES}
    return named | near | list_own_features(snapshot.folder)


def list_rated_columns(panel: pl.DataFrame, snapshot: Snapshot) -> list[str]:
    """Measures of the panel by publishers who rate each country, where a gap means that nobody looked."""
    rated = {
        measure
        for source in RATING_SOURCES
        for table in snapshot.read_card(source).tables.values()
        for measure in table.columns
    }
    return [name for name in panel.columns if name in rated]


def check_panel(panel: pl.DataFrame, may_be_empty: Collection[str] = ()) -> None:
    """Refuse a panel with duplicate keys, wrong types, values out of range or a column without any value.

    `may_be_empty` names columns that may have no value: the last value of an own indicator may be too old.
    """
    for breach in _list_breaches(panel, may_be_empty):
        raise BadInput(f"panel: {breach}")


def _list_breaches(panel: pl.DataFrame, may_be_empty: Collection[str]) -> Iterator[str]:
    """Each breach of the contract in one line, keys first."""
    types = {"iso3": pl.String(), "origin": pl.Int64()}
    for name, dtype in panel.schema.items():
        if dtype != (expected := types.get(name, pl.Float64())):
            yield f"column {name}: found {dtype}, expected {expected}"
    if has_duplicate_keys(panel, PANEL_KEYS):
        repeated = panel.select(PANEL_KEYS).filter(pl.struct(PANEL_KEYS).is_duplicated())
        yield f"key {repeated.row(0)} appears more than once, expected unique keys"
    kinds = [_find_value_kind(name) for name in panel.columns]
    for kind, valid in VALUE_RULES.items():
        names = [name for name, column_kind in zip(panel.columns, kinds, strict=True) if column_kind == kind]
        all_valid = panel.select(valid(pl.col(names)).all()).row(0, named=True) if names else {}
        for name in [name for name, is_valid in all_valid.items() if not is_valid]:
            row = panel.filter(~valid(pl.col(name))).row(0, named=True)
            yield f"{row['iso3']} {row['origin']}, column {name}: found {row[name]!r}, expected {kind}"
    for name in panel.columns:
        if panel[name].null_count() == panel.height and name not in may_be_empty:
            yield f"column {name} has no value in any of {panel.height} rows"


def _find_value_kind(name: str) -> str:
    """The kind of values a column may hold, by its name: a key of VALUE_RULES."""
    if name in PANEL_KEYS:
        return {"iso3": "three capital letters", "origin": f"{FIRST_ORIGIN} to {LATEST_ORIGIN}"}[name]
    if name.endswith("_age"):
        return "0 to 30"
    return "0 to 1" if name.endswith(("_share10", "_share30")) else "a finite number"
