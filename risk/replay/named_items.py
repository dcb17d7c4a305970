"""The few notifications that name their item, reviewed as cases by today's standing of their partners."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from risk.assessment.decide import decide
from risk.cases.review import review
from risk.cases.tables.loading import Tables
from risk.replay.notifications import PROGRAMME
from risk.rules.rulebook import Rulebook

# The service that uses most of a category; where several do, the worst of army, air force and navy is taken.
USUAL_SERVICE: Mapping[str, str] = {
    "I": "army",
    "II": "army",
    "III": "army",
    "III_large": "army",
    "VI": "navy",
    "VII": "army",
    "VIIIa": "air_force",
    "VIIIb": "army",
    "VIIIc": "air_force",
    "VIIId": "air_force",
    "XIX": "air_force",
    "XI_radar": "air_force",
    "XX": "navy",
    "sipri_anti_submarine_weapons": "navy",
}
SEVERAL = "armed_forces"
# The file states neither; without words of some kind every case would be sent back, which a replay does not do.
UNSTATED = "other: replayed notification, objective unstated"
NO_GAP = "replayed notification: published file names neither gap nor plan"


def named_cases(sales: pl.DataFrame, on: date) -> pl.DataFrame:
    """One case a notification whose item is known; `sales` as risk.replay.notifications has them."""
    named = sales.filter(pl.col("item").is_not_null())
    return named.select(
        id=pl.concat_str("iso3", "cn_number", separator="-"),
        partner="iso3",
        programme=pl.lit(PROGRAMME),
        item="item",
        end_user=pl.col("item").replace_strict(USUAL_SERVICE, default=SEVERAL),
        objective=pl.lit(UNSTATED),
        gap=pl.lit(NO_GAP),
        value_usd="dsca_sale_usd",
        proposed=pl.lit(on),
    )


def review_named(sales: pl.DataFrame, standing: pl.DataFrame, book: Rulebook, tables: Tables, on: date) -> pl.DataFrame:
    """The review of every notification that names its item, as if proposed on the day; columns of risk.cases.review."""
    decisions = decide(standing, book, on, most=None)
    return review(named_cases(sales, on), standing, decisions, book, tables, on)
