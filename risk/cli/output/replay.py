"""Console output of the replay: what followed, by tier."""

from typing import TYPE_CHECKING

import polars as pl

from risk.cli.output.table import print_table

if TYPE_CHECKING:
    from risk.replay.notifications import SalesReplay


def show_replay(replay: "SalesReplay") -> None:
    """Print one line per tier: notifications, partners, how often misuse followed, and how often as an onset."""
    from risk.replay.rates import compute_event_rate
    from risk.replay.tables import format_rate, select_forecast_sales
    from risk.vocabulary import TIERS

    sales = select_forecast_sales(replay)
    print(f"\n{replay.sales.height:,} notifications, {sales.height:,} with a forecast from the preceding origin\n")
    groups = [*((tier, sales.filter(tier=tier)) for tier in TIERS), ("all", sales)]
    rows = [
        (label, part.height, part["iso3"].n_unique(), format_rate(compute_event_rate(part, "misuse_followed")),
         format_rate(compute_event_rate(part.filter(pl.col("status") == "clear"), "misuse_followed")))
        for label, part in groups
    ]  # fmt: skip
    print_table(("tier", "notifications", "partners", "misuse followed", "if clear before"), rows)
