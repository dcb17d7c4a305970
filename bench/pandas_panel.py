"""The panel in plain pandas: read, check, align to the grid, derive, carry forward, join, average neighbors."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from bench.pandas_checked import check_pandas_panel, read_checked_table
from bench.pandas_derived import (
    PandasGrid,
    SeriesDerivation,
    derive_change,
    derive_growth,
    derive_relative_drop,
    derive_relative_level,
    derive_smooth_level,
    derive_smooth_log,
    derive_unchanged_years,
    derive_volatility,
    derive_years_since,
    list_derivations,
    list_full_path,
    list_history,
    list_maxima,
    list_means,
    list_medians,
    list_minima,
    list_totals,
)
from features.partners import PARTNERS_FOLDER, SUPPLIER_CODE
from features.snapshot.cards import SourceCard
from features.snapshot.compile import SOURCES, compute_table_lag
from features.snapshot.snapshot import Snapshot
from features.themes.arms_transfers import CATEGORY_MEASURES, SUPPLIER_GROUPS
from features.themes.governance import DEMOCRACY_MEASURES
from features.themes.human_rights import KILLINGS_THRESHOLD, ORDINAL_MEASURES, TERROR_THRESHOLD
from features.themes.neighbourhood import AVERAGED_MEASURES
from features.vocabulary import FIRST_ORIGIN, LATEST_ORIGIN

PANEL_KEYS = ["iso3", "origin"]
MeasureSteps = Mapping[str, Sequence[SeriesDerivation]]


class TableSteps(NamedTuple):
    """A table and the derivations of each of its measures."""

    source: str
    table: str
    derived: MeasureSteps


def _list_plain_measures(*measures: str) -> MeasureSteps:
    return {measure: [] for measure in measures}


GOVERNANCE_TABLES = [
    TableSteps(
        "vdem",
        "core",
        {m: list_full_path() for m in DEMOCRACY_MEASURES}
        | {"vdem_regime": [*list_derivations(derive_change, 5), derive_unchanged_years]},
    ),
    TableSteps(
        "vdem",
        "ordinals",
        _list_plain_measures(
            "vdemord_free_discussion", "vdemord_party_ban", "vdemord_minority_rule", "vdemord_social_inequality"
        ),
    ),
    TableSteps(
        "wgi",
        "estimates",
        {m: list_derivations(derive_change, 5) for m in ("wgi_voice", "wgi_effectiveness", "wgi_regulation")},
    ),
    TableSteps(
        "wdi",
        "development",
        {
            "wdi_gdp_per_head_usd": [
                *list_history(),
                *list_derivations(derive_growth, 5),
                *list_derivations(derive_relative_drop, 10),
            ],
            "wdi_gdp_growth_pct": [*list_means(5), *list_minima(3), derive_volatility],
            "wdi_population": list_history(),
            "wdi_infant_mortality_per_1000": [*list_history(), derive_relative_level],
            "wdi_trade_pct_gdp": [],
        },
    ),
    TableSteps("wdi", "oil", _list_plain_measures("wdi_oil_rents_pct_gdp")),
    TableSteps("alignment", "ideal_points", _list_plain_measures("unga_ideal_point", "unga_distance_usa")),
    TableSteps(
        "influence",
        "index",
        _list_plain_measures("fbic_china", "fbic_russia", "fbic_china_security", "fbic_russia_security"),
    ),
]
RULE_OF_LAW_TABLES = [
    TableSteps("vdem", "core", {m: list_full_path() for m in ("vdem_rule_of_law", "vdem_corruption")}),
    TableSteps(
        "wgi",
        "estimates",
        {"wgi_rule_of_law": list_history(), "wgi_corruption_control": list_derivations(derive_change, 5)},
    ),
    TableSteps("vdem", "ordinals", _list_plain_measures("vdemord_judicial_reform", "vdemord_even_civil_rights")),
]
HUMAN_RIGHTS_TABLES = [
    TableSteps(
        "pts",
        "scores",
        {
            "pts_mean": [
                *list_history(),
                *list_means(5, 10),
                *list_maxima(10),
                derive_volatility,
                *list_derivations(derive_years_since, TERROR_THRESHOLD),
            ],
            "pts_state": list_history(),
            "pts_amnesty": list_history(),
            "pts_gap": [],
        },
    ),
    TableSteps("vdem", "core", {"vdem_physical_integrity": [*list_full_path(), *list_means(10)]}),
    TableSteps("vdem", "ordinals", _list_plain_measures(*ORDINAL_MEASURES)),
    TableSteps(
        "ucdp",
        "actor",
        {
            "ucdp_government_killings": [
                *list_totals(5, 10),
                *list_maxima(10),
                *list_derivations(derive_years_since, KILLINGS_THRESHOLD),
                *list_history(),
                *list_derivations(derive_smooth_log, 2, 5),
            ]
        },
    ),
]
CONFLICT_TABLES = [
    TableSteps(
        "ucdp",
        "country",
        {
            "ucdp_battle_deaths": [
                *list_totals(5),
                *list_history(),
                *list_derivations(derive_years_since, 25),
                *list_maxima(10),
                *list_derivations(derive_smooth_log, 2, 5),
            ],
            "ucdp_onesided_any": [
                *list_history(),
                *list_totals(5),
                *list_maxima(10),
                *list_derivations(derive_years_since, 1),
                *list_derivations(derive_smooth_log, 3),
            ],
            "ucdp_nonstate_deaths": [*list_totals(5), *list_derivations(derive_smooth_log, 3)],
            "ucdp_intrastate_deaths": [*list_history(), *list_derivations(derive_smooth_log, 3)],
            "ucdp_home_government_killings": list_derivations(derive_smooth_log, 3),
        },
    ),
    TableSteps("ucdp", "warring", {"ucdp_conflict_deaths": [*list_totals(5), *list_derivations(derive_smooth_log, 3)]}),
    TableSteps(
        "ucdp",
        "armed_conflict",
        {
            "ucdp_conflicts": [],
            "ucdp_conflict_intensity": [
                *list_history(),
                *list_means(10),
                *list_maxima(10),
                *list_derivations(derive_years_since, 1),
            ],
        },
    ),
    TableSteps(
        "coups",
        "events",
        {
            "coup_attempts": [
                *list_history(),
                *list_totals(2, 5, 10, 30),
                *list_derivations(derive_smooth_level, 3, 8, 20),
                *list_derivations(derive_years_since, 1),
            ],
            "coup_successes": [
                *list_totals(10, 30),
                *list_derivations(derive_smooth_level, 8),
                *list_derivations(derive_years_since, 1),
            ],
        },
    ),
    TableSteps("wgi", "estimates", {"wgi_stability": list_history()}),
    TableSteps("rivalries", "rivalries", _list_plain_measures("rivalries", "rival_russia", "rival_china")),
    TableSteps("military", "capabilities", _list_plain_measures("nmc_spending_usd", "nmc_personnel", "nmc_share")),
]
DELIVERIES_TABLE = TableSteps(
    "sipri",
    "transfers",
    {"sipri_total_tiv": list_totals(5, 10, 30)}
    | {f"sipri_{group}_tiv": list_totals(10) for group in SUPPLIER_GROUPS}
    | {"sipri_us_tiv": list_totals(5, 10, 30)},
)
ARMS_TABLES = [
    DELIVERIES_TABLE,
    TableSteps("sipri", "exports", {"sipri_exports_tiv": list_totals(10)}),
    TableSteps("sipri", "categories", {m: list_totals(10) for m in CATEGORY_MEASURES}),
]
ASSISTANCE_TABLES = [
    TableSteps("us_assistance", "military", {"usmil_assistance_usd": [*list_totals(5, 10), *list_medians(5)]}),
    TableSteps("us_assistance", "accounts", _list_plain_measures("usmil_fmf_usd", "usmil_imet_usd")),
    TableSteps("us_presence", "troops", _list_plain_measures("ustroops_total")),
    TableSteps(
        "alliances", "pacts", _list_plain_measures("atop_us_defense", "atop_russia_defense", "atop_china_defense")
    ),
    TableSteps(
        "alliances", "distances", _list_plain_measures("distance_usa_km", "distance_russia_km", "distance_china_km")
    ),
    TableSteps("dsca", "notifications", {"dsca_notifications": list_totals(5), "dsca_value_usd": []}),
]
SHARE_YEARS = {"us": (10, 30), "russia": (10,), "china": (10,), "europe": (10,)}


def build_pandas_panel(snapshot: Snapshot) -> pd.DataFrame:
    """The panel of the `snapshot` profile, sorted by iso3 and origin; every table is read and grouped once."""
    cards = {source: snapshot.read_card(source) for source in SOURCES}
    states = pd.read_csv(PARTNERS_FOLDER / "partners.csv").sort_values("iso3")
    spine = _list_state_years(states, FIRST_ORIGIN).rename(columns={"year": "origin"})
    spine = spine[spine["iso3"] != SUPPLIER_CODE].reset_index(drop=True)
    index = pd.MultiIndex.from_frame(spine[PANEL_KEYS])
    grids: dict[tuple[str, str], PandasGrid] = {}
    years: dict[int, pd.DataFrame] = {}
    parts = [spine]
    for one in (
        *GOVERNANCE_TABLES,
        *RULE_OF_LAW_TABLES,
        *HUMAN_RIGHTS_TABLES,
        *CONFLICT_TABLES,
        *ARMS_TABLES,
        *ASSISTANCE_TABLES,
    ):
        name = one.source, one.table
        if name not in grids:
            first = cards[one.source].tables[one.table].first_year or FIRST_ORIGIN
            if first not in years:
                years[first] = _list_state_years(states, first)
            grids[name] = _build_grid(cards[one.source], one.table, years[first], snapshot)
        known = _derive_as_known(grids[name], one.derived)
        if one is DELIVERIES_TABLE:
            known = _add_supplier_shares(known)
        parts.append(known.set_index(PANEL_KEYS).reindex(index).reset_index(drop=True))
    panel = pd.concat(parts, axis=1)
    panel = panel.merge(_average_neighbors(panel, cards["alliances"], snapshot), on=PANEL_KEYS, how="left")
    check_pandas_panel(panel)
    return panel


def _list_state_years(states: pd.DataFrame, first: int) -> pd.DataFrame:
    """One row for each state and year of its existence."""
    grid = states.merge(pd.DataFrame({"year": np.arange(first, LATEST_ORIGIN + 1)}), how="cross")
    existed = (grid["year"] >= grid["first_year"]) & (grid["year"] <= grid["last_year"].fillna(9999))
    return grid.loc[existed, ["iso3", "year"]].sort_values(["iso3", "year"], ignore_index=True)


def _build_grid(card: SourceCard, name: str, years: pd.DataFrame, snapshot: Snapshot) -> PandasGrid:
    table = card.tables[name]
    frame = years.merge(read_checked_table(card, name, snapshot), on=["iso3", "year"], how="left")
    measures = list(table.columns)
    frame[measures] = frame[measures].astype(float)
    if table.absent == "zero":
        covered = frame["year"] <= (table.latest_year or LATEST_ORIGIN)
        frame[measures] = frame[measures].fillna(0.0).where(covered, axis=0)
    if card.source == "pts":
        frame["pts_mean"] = frame[["pts_state", "pts_amnesty"]].mean(axis=1)
        frame["pts_gap"] = (frame["pts_state"] - frame["pts_amnesty"]).abs()
    return PandasGrid(frame, compute_table_lag(table), table.max_age)


def _derive_as_known(grid: PandasGrid, derived: MeasureSteps) -> pd.DataFrame:
    """Measures and derived columns at each measure's last known year, while it is not too old; ages last."""
    rows = pd.Series(np.arange(len(grid.frame), dtype=float), index=grid.frame.index)
    year, shift = grid.frame["year"].to_numpy(dtype=float), grid.lag
    columns: dict[str, Any] = {"iso3": grid.frame["iso3"], "origin": grid.frame["year"] + shift}
    ages: dict[str, Any] = {}
    for measure, steps in derived.items():
        known = rows.where(grid.frame[measure].notna())
        last = (grid.group_by_state(known).ffill(limit=grid.max_age) if grid.max_age else known).to_numpy()
        is_known, row_numbers = ~np.isnan(last), np.nan_to_num(last).astype(int)
        series = {measure: grid.frame[measure], **dict(step(grid, measure) for step in steps)}
        columns |= {name: np.where(is_known, values.to_numpy()[row_numbers], np.nan) for name, values in series.items()}
        ages[f"{measure}_age"] = np.where(is_known, year + shift - year[row_numbers], np.nan)
    return pd.DataFrame(columns | ages)


def _add_supplier_shares(known: pd.DataFrame) -> pd.DataFrame:
    shares = {
        f"sipri_{group}_share{years}": (
            known[f"sipri_{group}_tiv_sum{years}"] / known[f"sipri_total_tiv_sum{years}"]
        ).clip(0, 1)
        for group, spans in SHARE_YEARS.items()
        for years in spans
    }
    return known.assign(**shares)


def _average_neighbors(panel: pd.DataFrame, card: SourceCard, snapshot: Snapshot) -> pd.DataFrame:
    """Averages over the states across an open border."""
    borders = read_checked_table(card, "neighbours", snapshot)[["iso3", "neighbour", "first", "last"]]
    pairs = panel[PANEL_KEYS].merge(borders, on="iso3")
    there = (pairs["origin"] >= pairs["first"]) & (pairs["origin"] <= pairs["last"].fillna(9999))
    pairs = pairs.loc[there, [*PANEL_KEYS, "neighbour"]].drop_duplicates()
    values = panel[[*PANEL_KEYS, *AVERAGED_MEASURES]].rename(columns={"iso3": "neighbour"})
    means = pairs.merge(values, on=["neighbour", "origin"]).groupby(PANEL_KEYS)[list(AVERAGED_MEASURES)].mean().round(9)
    return means.add_suffix("_nb").reset_index()
