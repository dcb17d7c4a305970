"""The whole panel in plain pandas: read, check, lay on the grid, derive, carry, join, average the neighbours."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from bench.pandas_checked import check_panel, checked_table
from bench.pandas_derived import (
    Derive,
    Grid,
    beside_all,
    changed,
    each,
    fallen,
    grown,
    highest,
    history,
    lowest,
    mean,
    path,
    smooth,
    smooth_log,
    time_since,
    total,
    typical,
    unchanged,
    volatile,
)
from features.partners import FOLDER, SUPPLIER
from features.snapshot.cards import RAW, Card, read_card
from features.snapshot.compile import SOURCES, lag
from features.themes.arms_transfers import CATEGORIES, GROUPS
from features.themes.governance import DEMOCRACY
from features.themes.human_rights import KILLINGS, ORDINALS, STATE_TERROR
from features.themes.neighbourhood import AVERAGED
from features.vocabulary import FIRST_ORIGIN, LATEST_ORIGIN

KEYS = ["iso3", "origin"]
Steps = Mapping[str, Sequence[Derive]]


class Source(NamedTuple):
    """A table, and what derives from each of its measures."""

    source: str
    table: str
    derived: Steps


def _plain(*measures: str) -> Steps:
    return {measure: [] for measure in measures}


GOVERNANCE = [
    Source(
        "vdem", "core",
        {m: path() for m in DEMOCRACY}
        | {"vdem_regime": [*each(changed, 5), unchanged]},
    ),
    Source("vdem", "ordinals", _plain(
        "vdemord_free_discussion", "vdemord_party_ban", "vdemord_minority_rule", "vdemord_social_inequality")),
    Source("wgi", "estimates", {m: each(changed, 5) for m in ("wgi_voice", "wgi_effectiveness", "wgi_regulation")}),
    Source("wdi", "development", {
        "wdi_gdp_per_head_usd": [*history(), *each(grown, 5), *each(fallen, 10)],
        "wdi_gdp_growth_pct": [*mean(5), *lowest(3), volatile],
        "wdi_population": history(),
        "wdi_infant_mortality_per_1000": [*history(), beside_all],
        "wdi_trade_pct_gdp": [],
    }),
    Source("wdi", "oil", _plain("wdi_oil_rents_pct_gdp")),
    Source("alignment", "ideal_points", _plain("unga_ideal_point", "unga_distance_usa")),
    Source("influence", "index", _plain("fbic_china", "fbic_russia", "fbic_china_security", "fbic_russia_security")),
]  # fmt: skip
RULE_OF_LAW = [
    Source("vdem", "core", {m: path() for m in ("vdem_rule_of_law", "vdem_corruption")}),
    Source("wgi", "estimates", {"wgi_rule_of_law": history(), "wgi_corruption_control": each(changed, 5)}),
    Source("vdem", "ordinals", _plain("vdemord_judicial_reform", "vdemord_even_civil_rights")),
]
HUMAN_RIGHTS = [
    Source("pts", "scores", {
        "pts_mean": [*history(), *mean(5, 10), *highest(10), volatile, *each(time_since, STATE_TERROR)],
        "pts_state": history(), "pts_amnesty": history(), "pts_gap": [],
    }),
    Source("vdem", "core", {"vdem_physical_integrity": [*path(), *mean(10)]}),
    Source("vdem", "ordinals", _plain(*ORDINALS)),
    Source("ucdp", "actor", {"ucdp_government_killings": [
        *total(5, 10), *highest(10), *each(time_since, KILLINGS), *history(), *each(smooth_log, 2, 5)]}),
]  # fmt: skip
CONFLICT = [
    Source("ucdp", "country", {
        "ucdp_battle_deaths": [
            *total(5), *history(), *each(time_since, 25), *highest(10), *each(smooth_log, 2, 5)],
        "ucdp_onesided_any": [*history(), *total(5), *highest(10), *each(time_since, 1), *each(smooth_log, 3)],
        "ucdp_nonstate_deaths": [*total(5), *each(smooth_log, 3)],
        "ucdp_intrastate_deaths": [*history(), *each(smooth_log, 3)],
        "ucdp_home_government_killings": each(smooth_log, 3),
    }),
    Source("ucdp", "warring", {"ucdp_conflict_deaths": [*total(5), *each(smooth_log, 3)]}),
    Source("ucdp", "armed_conflict", {
        "ucdp_conflicts": [],
        "ucdp_conflict_intensity": [*history(), *mean(10), *highest(10), *each(time_since, 1)],
    }),
    Source("coups", "events", {
        "coup_attempts": [*history(), *total(2, 5, 10, 30), *each(smooth, 3, 8, 20), *each(time_since, 1)],
        "coup_successes": [*total(10, 30), *each(smooth, 8), *each(time_since, 1)],
    }),
    Source("wgi", "estimates", {"wgi_stability": history()}),
    Source("rivalries", "rivalries", _plain("rivalries", "rival_russia", "rival_china")),
    Source("military", "capabilities", _plain("nmc_spending_usd", "nmc_personnel", "nmc_share")),
]  # fmt: skip
DELIVERIES = Source(
    "sipri", "transfers",
    {"sipri_total_tiv": total(5, 10, 30)} | {f"sipri_{group}_tiv": total(10) for group in GROUPS}
    | {"sipri_us_tiv": total(5, 10, 30)},
)  # fmt: skip
ARMS = [
    DELIVERIES,
    Source("sipri", "exports", {"sipri_exports_tiv": total(10)}),
    Source("sipri", "categories", {m: total(10) for m in CATEGORIES}),
]
ASSISTANCE = [
    Source("us_assistance", "military", {"usmil_assistance_usd": [*total(5, 10), *typical(5)]}),
    Source("us_assistance", "accounts", _plain("usmil_fmf_usd", "usmil_imet_usd")),
    Source("us_presence", "troops", _plain("ustroops_total")),
    Source("alliances", "pacts", _plain("atop_us_defense", "atop_russia_defense", "atop_china_defense")),
    Source("alliances", "distances", _plain("distance_usa_km", "distance_russia_km", "distance_china_km")),
    Source("dsca", "notifications", {"dsca_notifications": total(5), "dsca_value_usd": []}),
]
SHARED_OUT = {"us": (10, 30), "russia": (10,), "china": (10,), "europe": (10,)}


def pandas_panel(raw: Path = RAW) -> pd.DataFrame:
    """The panel of the `snapshot` profile, sorted by iso3 and origin; every table is read and grouped once."""
    cards = {source: read_card(source, raw) for source in SOURCES}
    states = pd.read_csv(FOLDER / "partners.csv").sort_values("iso3")
    spine = _years(states, FIRST_ORIGIN).rename(columns={"year": "origin"})
    spine = spine[spine["iso3"] != SUPPLIER].reset_index(drop=True)
    index = pd.MultiIndex.from_frame(spine[KEYS])
    grids: dict[tuple[str, str], Grid] = {}
    years: dict[int, pd.DataFrame] = {}
    parts = [spine]
    for one in (*GOVERNANCE, *RULE_OF_LAW, *HUMAN_RIGHTS, *CONFLICT, *ARMS, *ASSISTANCE):
        name = one.source, one.table
        if name not in grids:
            first = cards[one.source].tables[one.table].first_year or FIRST_ORIGIN
            if first not in years:
                years[first] = _years(states, first)
            grids[name] = _grid(cards[one.source], one.table, years[first], raw)
        known = _as_known(grids[name], one.derived)
        if one is DELIVERIES:
            known = _with_shares(known)
        parts.append(known.set_index(KEYS).reindex(index).reset_index(drop=True))
    panel = pd.concat(parts, axis=1)
    panel = panel.merge(_neighbours(panel, cards["alliances"], raw), on=KEYS, how="left")
    check_panel(panel)
    return panel


def _years(states: pd.DataFrame, first: int) -> pd.DataFrame:
    """One row for each state and year of its existence."""
    grid = states.merge(pd.DataFrame({"year": np.arange(first, LATEST_ORIGIN + 1)}), how="cross")
    existed = (grid["year"] >= grid["first_year"]) & (grid["year"] <= grid["last_year"].fillna(9999))
    return grid.loc[existed, ["iso3", "year"]].sort_values(["iso3", "year"], ignore_index=True)


def _grid(card: Card, name: str, years: pd.DataFrame, raw: Path) -> Grid:
    table = card.tables[name]
    frame = years.merge(checked_table(card, name, raw), on=["iso3", "year"], how="left")
    measures = list(table.columns)
    frame[measures] = frame[measures].astype(float)
    if table.absent == "zero":
        covered = frame["year"] <= (table.latest_year or LATEST_ORIGIN)
        frame[measures] = frame[measures].fillna(0.0).where(covered, axis=0)
    if card.source == "pts":
        frame["pts_mean"] = frame[["pts_state", "pts_amnesty"]].mean(axis=1)
        frame["pts_gap"] = (frame["pts_state"] - frame["pts_amnesty"]).abs()
    return Grid(frame, lag(table), table.max_age)


def _as_known(grid: Grid, derived: Steps) -> pd.DataFrame:
    """Measures and what derives from them, of the measure's last known year while that is not too old; ages last."""
    rows = pd.Series(np.arange(len(grid.frame), dtype=float), index=grid.frame.index)
    year, shift = grid.frame["year"].to_numpy(dtype=float), grid.lag
    columns: dict[str, Any] = {"iso3": grid.frame["iso3"], "origin": grid.frame["year"] + shift}
    ages: dict[str, Any] = {}
    for measure, steps in derived.items():
        known = rows.where(grid.frame[measure].notna())
        last = (grid.grouped(known).ffill(limit=grid.max_age) if grid.max_age else known).to_numpy()
        there, place = ~np.isnan(last), np.nan_to_num(last).astype(int)
        made = {measure: grid.frame[measure], **dict(step(grid, measure) for step in steps)}
        columns |= {name: np.where(there, values.to_numpy()[place], np.nan) for name, values in made.items()}
        ages[f"{measure}_age"] = np.where(there, year + shift - year[place], np.nan)
    return pd.DataFrame(columns | ages)


def _with_shares(known: pd.DataFrame) -> pd.DataFrame:
    shares = {
        f"sipri_{group}_share{years}": (
            known[f"sipri_{group}_tiv_sum{years}"] / known[f"sipri_total_tiv_sum{years}"]
        ).clip(0, 1)
        for group, spans in SHARED_OUT.items()
        for years in spans
    }
    return known.assign(**shares)


def _neighbours(panel: pd.DataFrame, card: Card, raw: Path) -> pd.DataFrame:
    """Averages over the states across an open border."""
    borders = checked_table(card, "neighbours", raw)[["iso3", "neighbour", "first", "last"]]
    pairs = panel[KEYS].merge(borders, on="iso3")
    there = (pairs["origin"] >= pairs["first"]) & (pairs["origin"] <= pairs["last"].fillna(9999))
    pairs = pairs.loc[there, [*KEYS, "neighbour"]].drop_duplicates()
    values = panel[[*KEYS, *AVERAGED]].rename(columns={"iso3": "neighbour"})
    means = pairs.merge(values, on=["neighbour", "origin"]).groupby(KEYS)[list(AVERAGED)].mean().round(9)
    return means.add_suffix("_nb").reset_index()
