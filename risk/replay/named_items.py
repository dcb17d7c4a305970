"""The few notifications that name their item, reviewed as cases by today's standing of their partners."""

from datetime import date

import polars as pl

from risk.assessment.decide import decide
from risk.cases.review import review
from risk.cases.tables.loading import Tables
from risk.replay.notifications import PROGRAMME
from risk.rules.rulebook import Rulebook

# Where several services use a category and no usual one is given, the worst of army, air force and navy is taken.
SEVERAL = "armed_forces"
# The file states neither; without words of some kind every case would be sent back, which a replay does not do.
UNSTATED = "other: replayed notification, objective unstated"
NO_GAP = "replayed notification: published file names neither gap nor plan"


def named_cases(sales: pl.DataFrame, tables: Tables, on: date) -> pl.DataFrame:
    """One case a notification whose item is known; `sales` as risk.replay.notifications has them."""
    named = sales.filter(pl.col("item").is_not_null())
    usual = {pairs.item: pairs.usual for pairs in tables.pairs if pairs.usual}
    return named.select(
        id=pl.concat_str("iso3", "cn_number", separator="-"),
        partner="iso3",
        programme=pl.lit(PROGRAMME),
        item="item",
        end_user=pl.col("item").replace_strict(usual, default=SEVERAL),
        objective=pl.lit(UNSTATED),
        gap=pl.lit(NO_GAP),
        value_usd="dsca_sale_usd",
        proposed=pl.lit(on),
    )


def review_named(sales: pl.DataFrame, standing: pl.DataFrame, book: Rulebook, tables: Tables, on: date) -> pl.DataFrame:
    """The review of every notification that names its item, as if proposed on the day; columns of risk.cases.review."""
    decisions = decide(standing, book, on, most=None)
    return review(named_cases(sales, tables, on), standing, decisions, book, tables, on)
