"""The few notifications that name their item, reviewed as cases by today's standing of their partners."""

from datetime import date

import polars as pl

from risk.assessment.decide import decide_by_rules
from risk.cases.review import review_cases
from risk.cases.tables.loading import TransferTables
from risk.replay.notifications import REPLAYED_PROGRAM
from risk.rules.rulebook import Rulebook

# Where several services use a category and no usual one is given, the worst of army, air force and navy is taken.
SEVERAL_SERVICES = "armed_forces"
# The file states neither; without words of some kind every case would be sent back, which a replay does not do.
UNSTATED_OBJECTIVE = "other: replayed notification, objective unstated"
NO_GAP = "replayed notification: published file names neither gap nor plan"


def build_named_cases(sales: pl.DataFrame, tables: TransferTables, on: date) -> pl.DataFrame:
    """One case a notification whose item is known; `sales` as risk.replay.notifications has them."""
    named = sales.filter(pl.col("item").is_not_null())
    usual = {pairs.item: pairs.usual for pairs in tables.pairs if pairs.usual}
    return named.select(
        id=pl.concat_str("iso3", "cn_number", separator="-"),
        partner="iso3",
        programme=pl.lit(REPLAYED_PROGRAM),
        item="item",
        end_user=pl.col("item").replace_strict(usual, default=SEVERAL_SERVICES),
        objective=pl.lit(UNSTATED_OBJECTIVE),
        gap=pl.lit(NO_GAP),
        value_usd="dsca_sale_usd",
        proposed=pl.lit(on),
    )


def review_named_cases(
    sales: pl.DataFrame, standing: pl.DataFrame, book: Rulebook, tables: TransferTables, on: date
) -> pl.DataFrame:
    """The review of every notification that names its item, as if proposed on the day; columns of risk.cases.review."""
    decisions = decide_by_rules(standing, book, on, most=None)
    return review_cases(build_named_cases(sales, tables, on), standing, decisions, book, tables, on)
