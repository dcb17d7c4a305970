"""Past notifications with the forecast from the origin before their year, their package and what followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from features.partners import load_partners
from features.snapshot.snapshot import Snapshot
from features.vocabulary import OUTCOMES
from risk.assessment.decide import decide_by_rules
from risk.assessment.tiers import build_posture_expr, build_tier_expr
from risk.cases.tables.entry_types import RuleApplicability
from risk.cases.tables.loading import TransferTables
from risk.replay.past_inputs import build_past_inputs
from risk.rules.rule_types import PolicyRule, Rule
from risk.rules.rulebook import Rulebook

REPLAYED_PROGRAM = "fms"
REPLAYED_OUTCOME = "misuse"
NOTIFICATION_KEYS = ("iso3", "year", "cn_number")
# Outcomes after the origin; the rest of a replay must not read them.
FOLLOWED_COLUMNS = tuple(f"{outcome}_followed" for outcome in OUTCOMES)
INDEX_COLUMNS = ("posture", "strategic_value", "leverage")


@dataclass(frozen=True)
class SalesReplay:
    """`sales`: one row per notification, forecast null if the record has none; `packages`: one row per forecast
    notification and rule of its package; `years`: one row per partner and origin, for comparison."""

    sales: pl.DataFrame
    packages: pl.DataFrame
    years: pl.DataFrame
    rules: dict[str, str]


def replay_notifications(
    record: pl.DataFrame, panel: pl.DataFrame, book: Rulebook, tables: TransferTables, on: date, snapshot: Snapshot
) -> SalesReplay:
    """Review every notification of the snapshot by the rules of a day on the facts of the origin before its year.

    record: what the back-test said, as risk.outputs.backtest_record reads it; tables: the rulebook's, on transfers.
    """
    forecast = build_forecasts(record, book, on)
    sales = load_notifications(snapshot).join(
        forecast.drop("partner"), on=["iso3", "origin"], how="left", maintain_order="left"
    )
    indices, packages = [], []
    for (origin,), group in sales.filter(pl.col("probability").is_not_null()).group_by("origin", maintain_order=True):
        rule_inputs = build_past_inputs(record, panel, int(str(origin)), book, on, snapshot)
        buyers = rule_inputs.filter(pl.col("iso3").is_in(group["iso3"].to_list()))
        indices.append(
            buyers.with_columns(posture=build_posture_expr(book, on)).select("iso3", "origin", *INDEX_COLUMNS)
        )
        packages.append(
            group.select(*NOTIFICATION_KEYS, "tier").join(
                select_sale_package(buyers, book, tables.narrowing, on), on="iso3"
            )
        )
    rules = {rule.id: rule.title for rule in book.list_rules_in_force(on)}
    return SalesReplay(
        sales.join(pl.concat(indices), on=["iso3", "origin"], how="left", maintain_order="left"),
        pl.concat(packages).sort(*NOTIFICATION_KEYS, "kind", "rule"),
        mark_notified(forecast, sales),
        rules,
    )


def load_notifications(snapshot: Snapshot) -> pl.DataFrame:
    """Every numbered sale with its partner and origin, the last before its year; sorted by partner, year and number."""
    names = load_partners().select("iso3", partner="name")
    sales = snapshot.read_table("dsca", "sales").join(names, on="iso3", how="left")
    return sales.with_columns(origin=pl.col("year") - 1).sort(NOTIFICATION_KEYS)


def build_forecasts(record: pl.DataFrame, book: Rulebook, on: date) -> pl.DataFrame:
    """Build a row per partner and origin: probability, tier and status of misuse, and whether each outcome followed."""
    forecast = record.filter(outcome=REPLAYED_OUTCOME).select("iso3", "origin", "probability", "status")
    followed = record.pivot("outcome", index=["iso3", "origin"], values="observed")
    named = followed.rename({outcome: f"{outcome}_followed" for outcome in OUTCOMES})
    names = load_partners().select("iso3", partner="name")
    return (
        forecast.join(named, on=["iso3", "origin"])
        .with_columns(tier=build_tier_expr(book, REPLAYED_OUTCOME, "probability", on))
        .join(names, on="iso3", how="left")
        .sort("iso3", "origin")
    )


def select_sale_package(
    rule_inputs: pl.DataFrame, book: Rulebook, narrowing: Sequence[RuleApplicability], on: date
) -> pl.DataFrame:
    """Return iso3, kind, rule, result of each rule that applies to or is referred for a government-to-government sale.

    A trigger whose text does not clearly name such sales is referred, neither applied nor dropped.
    """
    kept = [rule.id for rule in book.list_rules_in_force(on) if covers_sales(rule, narrowing)]
    referred = [
        name for entry in narrowing if entry.reaches and REPLAYED_PROGRAM not in entry.reaches for name in entry.rules
    ]
    result = pl.when(pl.col("rule").is_in(referred)).then(pl.lit("refer")).otherwise("result").alias("result")
    lines = decide_by_rules(rule_inputs, book, on, most=None)
    return lines.filter(pl.col("rule").is_in(kept)).select("iso3", "kind", "rule", result)


def covers_sales(rule: Rule, narrowing: Sequence[RuleApplicability]) -> bool:
    """Whether a rule covers foreign military sales by its own programs and by the transfer tables."""
    entries = [entry for entry in narrowing if rule.id in entry.rules and entry.programmes]
    own = not isinstance(rule, PolicyRule) or REPLAYED_PROGRAM in rule.programmes
    return own and all(REPLAYED_PROGRAM in entry.programmes for entry in entries)


def mark_notified(forecast: pl.DataFrame, sales: pl.DataFrame) -> pl.DataFrame:
    """Return forecasts of the replayed origins, with `notified` (in the next year) and `ever_notified`."""
    replayed = sales.filter(pl.col("probability").is_not_null())
    pairs = replayed.select("iso3", "origin", notified=pl.lit(True)).unique()
    ever = pl.col("iso3").is_in(sales["iso3"].unique().to_list())
    return (
        forecast.filter(pl.col("origin").is_in(pairs["origin"].unique().to_list()))
        .join(pairs, on=["iso3", "origin"], how="left")
        .with_columns(pl.col("notified").fill_null(False), ever_notified=ever)
        .sort("iso3", "origin")
    )
