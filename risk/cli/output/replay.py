"""What the replay prints: what followed by tier."""

from typing import TYPE_CHECKING

import polars as pl

from risk.cli.output.table import show

if TYPE_CHECKING:
    from risk.replay.notifications import Replay


def show_replay(replay: "Replay") -> None:
    """One line a tier: notifications, partners, how often misuse followed, and how often it was an onset."""
    from risk.replay.rates import rate
    from risk.replay.tables import replayed, told
    from risk.vocabulary import TIERS

    sales = replayed(replay)
    print(f"\n{replay.sales.height:,} notifications, {sales.height:,} with a forecast of the origin before them\n")
    groups = [*((tier, sales.filter(tier=tier)) for tier in TIERS), ("all", sales)]
    rows = [
        (label, part.height, part["iso3"].n_unique(), told(rate(part, "misuse_followed")),
         told(rate(part.filter(pl.col("status") == "clear"), "misuse_followed")))
        for label, part in groups
    ]  # fmt: skip
    show(("tier then", "notifications", "partners", "misuse followed", "if clear then"), rows)
