"""Chart of a replay: the share followed by misuse, by tier, for notified sales and for all partners."""

from pathlib import Path

import polars as pl

from models.evaluation.plots import open_figure
from risk.replay.notifications import SalesReplay
from risk.replay.rates import compute_event_rate
from risk.replay.tables import select_forecast_sales
from risk.vocabulary import TIERS

SERIES_OFFSET = 0.12


def draw_replay_figure(replay: SalesReplay, path: Path) -> None:
    """Draw shares and 95% intervals by tier as PNG; marker shape distinguishes the series as well as color."""
    sales = select_forecast_sales(replay)
    series = (
        ("notified sales", sales, "o", -SERIES_OFFSET),
        ("all partners, each year", replay.years, "s", SERIES_OFFSET),
    )
    with open_figure(path) as axes:
        for label, rows, marker, offset in series:
            rates = [compute_event_rate(rows.filter(tier=tier), "misuse_followed") for tier in TIERS]
            points = [(index + offset, rate) for index, rate in enumerate(rates) if rate.share is not None]
            positions, shares = [position for position, _ in points], [rate.share or 0.0 for _, rate in points]
            below = [(rate.share or 0.0) - _choose_value(rate.low, rate.share) for _, rate in points]
            above = [_choose_value(rate.high, rate.share) - (rate.share or 0.0) for _, rate in points]
            axes.errorbar(positions, shares, yerr=[below, above], fmt=marker, capsize=4, label=label)
        means = [_compute_mean(sales.filter(tier=tier)) for tier in TIERS]
        axes.plot(range(len(TIERS)), means, linestyle="none", marker="_", markersize=22, color="black",
                  label="mean forecast, notified sales")  # fmt: skip
        axes.set(
            xticks=range(len(TIERS)), xticklabels=TIERS, ylim=(-0.03, 1.03), xlabel="tier at the origin",
            ylabel="share followed by misuse within two years", title="What followed, by the tier then",
        )  # fmt: skip
        axes.legend(loc="upper left")


def _choose_value(value: float | None, other: float | None) -> float:
    return value if value is not None else other or 0.0


def _compute_mean(rows: pl.DataFrame) -> float:
    mean = rows["probability"].mean()
    return float(mean) if isinstance(mean, float) else float("nan")
