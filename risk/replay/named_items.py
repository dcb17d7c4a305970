"""Reviews the notifications that name their item as cases, from their partners' current rule inputs."""

from datetime import date

import polars as pl

from risk.assessment.decide import decide_by_rules
from risk.cases.review import review_cases
from risk.cases.tables.loading import TransferTables
from risk.replay.notifications import REPLAYED_PROGRAM
from risk.rules.rulebook import Rulebook

# If several services use a category and none is the usual one, the worst of army, air force and navy applies.
SEVERAL_SERVICES = "armed_forces"
# The file states neither objective nor gap; without a text every case would be sent back.
UNSTATED_OBJECTIVE = "other: replayed notification, objective unstated"
NO_GAP = "replayed notification: published file names neither gap nor plan"


def build_named_cases(sales: pl.DataFrame, tables: TransferTables, on: date) -> pl.DataFrame:
    """Build one case per notification with a known item; `sales` as in risk.replay.notifications."""
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
    sales: pl.DataFrame, rule_inputs: pl.DataFrame, book: Rulebook, tables: TransferTables, on: date
) -> pl.DataFrame:
    """Review every notification that names its item as if proposed on the day; columns of risk.cases.review."""
    decisions = decide_by_rules(rule_inputs, book, on, most=None)
    return review_cases(build_named_cases(sales, tables, on), rule_inputs, decisions, book, tables, on)
