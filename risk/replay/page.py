"""Fills page_text.md with the figures and tables of a replay."""

from datetime import date
from pathlib import Path

import polars as pl

from risk.replay import tables
from risk.replay.notifications import NOTIFICATION_KEYS, SalesReplay
from risk.replay.rates import BOOTSTRAP_DRAWS, compute_event_rate

PAGE_TEXT = Path(__file__).parent / "page_text.md"
PLAN_KINDS = ["positive_condition", "redline", "offramp"]
HIGH_TIERS = ["high", "severe"]
MOST_PARTNERS = 4


def format_replay_page(replay: SalesReplay, named: pl.DataFrame, on: date, picture: str) -> str:
    """Format the page as Markdown.

    named: the review of notifications that name their item; on: the day whose rules were applied; picture: the chart's
    file name, in the page's folder.
    """
    values = _count_sales(replay) | _describe_outcomes(replay) | _format_tables(replay) | _describe_named_cases(named)
    return PAGE_TEXT.read_text(encoding="utf-8").format(**values, day=on, picture=picture, draws=f"{BOOTSTRAP_DRAWS:,}")


def _count_sales(replay: SalesReplay) -> dict[str, object]:
    sales, known = replay.sales, tables.select_forecast_sales(replay)
    origins = replay.years["origin"].unique().sort().to_list()
    last = origins[-1] + 1
    with_plan = (
        replay.packages.filter(pl.col("kind").is_in(PLAN_KINDS), result="applies").select(NOTIFICATION_KEYS).n_unique()
    )
    return {
        "notifications": f"{sales.height:,}",
        "replayed": f"{known.height:,}",
        "last": last,
        "ends": last + 1,
        "origin": last - 1,
        "origins": len(origins),
        "first_origin": origins[0],
        "second_origin": origins[1],
        "later": sales.filter(pl.col("year") > last).height,
        "items": sales["item"].count(),
        "values": sales["dsca_sale_usd"].count(),
        "held": _format_part(with_plan, known.height),
        "odd": _describe_late_notices(known),
    }


def _describe_outcomes(replay: SalesReplay) -> dict[str, str]:
    sales = tables.select_forecast_sales(replay)
    poor, low = sales.filter(pl.col("tier").is_in(HIGH_TIERS)), sales.filter(tier="low")
    clear, followed = pl.col("status") == "clear", sales.filter("misuse_followed")
    most = poor["partner"].value_counts().sort(["count", "partner"], descending=[True, False]).head(MOST_PARTNERS)
    names = most["partner"].to_list()
    return {
        "poor": _format_part(poor.height, sales.height),
        "poor_followed": _format_misuse_rate(poor),
        "low": _format_part(low.height, sales.height),
        "low_followed": _format_misuse_rate(low),
        "not_clear": _format_part(followed.filter(~clear).height, followed.height),
        "clear_followed": _format_misuse_rate(sales.filter(clear)),
        "clear_base": _format_misuse_rate(replay.years.filter(clear)),
        "most": f"{', '.join(names[:-1])} and {names[-1]}",
        "most_share": f"{most['count'].sum() / poor.height:.0%}",
    }


def _format_tables(replay: SalesReplay) -> dict[str, str]:
    builders = {
        "by_year": tables.tabulate_years,
        "by_tier": tables.tabulate_tiers,
        "base_rates": tables.tabulate_base_rates,
        "sizes": tables.tabulate_package_sizes,
        "by_partner": tables.tabulate_partners,
    }
    rules = {kind: tables.tabulate_rules(replay, kind) for kind in ("trigger", *PLAN_KINDS)}
    return {name: build(replay) for name, build in builders.items()} | rules


def _describe_named_cases(named: pl.DataFrame) -> dict[str, object]:
    counts = named["notification"].value_counts()
    clauses = dict(zip(counts["notification"], counts["count"], strict=True))
    referred = clauses.pop("ask", 0)
    return {
        "named": named.height,
        "by_item": tables.tabulate_items(named),
        "notified_again": sum(count for clause, count in clauses.items() if clause != "none"),
        "notice_asked": referred,
        "notice_none": clauses.get("none", 0),
    }


def _describe_late_notices(known: pl.DataFrame) -> str:
    """Describe each notification with its own announcement day; its forecast still goes by the number's year."""
    late = known.filter(pl.col("announced").is_not_null())
    return " ".join(
        f"{row['partner']}'s {row['cn_number']} names an item, but was announced on {row['announced']}, "
        f"long after the two years that its number puts it before."
        for row in late.iter_rows(named=True)
    )


def _format_misuse_rate(rows: pl.DataFrame) -> str:
    return tables.format_rate(compute_event_rate(rows, "misuse_followed"))


def _format_part(number: int, whole: int) -> str:
    return f"{number:,} of {whole:,} ({number / whole:.0%})"
