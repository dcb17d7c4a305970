"""Markdown tables of a replay: what followed by tier, base rates, and package contents."""

from collections.abc import Sequence

import polars as pl

from risk.replay.notifications import NOTIFICATION_KEYS, SalesReplay
from risk.replay.rates import EventRate, compute_event_rate
from risk.vocabulary import TIERS

KIND_TITLES = {
    "trigger": "Triggers",
    "check": "Checks",
    "positive_condition": "Conditions",
    "redline": "Redlines",
    "offramp": "Offramps",
    "message": "Messages",
}
SHOWN_PARTNERS = 20


def format_markdown_table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Format rows as a Markdown table."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def format_rate(rate: EventRate) -> str:
    """Format a rate as 12% (5–20; 7 of 58), without the interval if there is none."""
    if rate.share is None:
        return "–"
    interval = "" if rate.low is None or rate.high is None else f"{rate.low:.0%}–{rate.high:.0%}; ".replace("%", "")
    return f"{rate.share:.0%} ({interval}{rate.events:,} of {rate.rows:,})"


def select_forecast_sales(replay: SalesReplay) -> pl.DataFrame:
    """Select the notifications with a forecast."""
    return replay.sales.filter(pl.col("probability").is_not_null())


def tabulate_years(replay: SalesReplay) -> str:
    """Count notifications by span of years, and those with a forecast, an item and a value."""
    last = int(replay.years["origin"].to_numpy().max()) + 1
    spans = [(2004, 2004), (2008, 2012), (2013, 2017), (2018, last), (last + 1, last + 1), (last + 2, 9999)]
    rows = []
    for first, end in spans:
        part = replay.sales.filter(pl.col("year").is_between(first, end))
        label = f"{first} on" if end == 9999 else str(first) if first == end else f"{first}–{end}"
        rows.append([label, *(f"{part[name].count():,}" for name in ("year", "probability", "item", "dsca_sale_usd"))])
    return format_markdown_table(["years", "notifications", "with a forecast", "item known", "value known"], rows)


def tabulate_tiers(replay: SalesReplay) -> str:
    """Tabulate what followed the notifications of each tier, with partners and mean forecast."""
    rows = [_build_tier_row(label, part) for label, part in _split_by_tier(select_forecast_sales(replay))]
    return format_markdown_table(
        ["tier then", "notifications", "partners", "mean forecast", "misuse", "misuse, if clear then", "state terror",
         "killing of civilians", "coup"], rows,
    )  # fmt: skip


def tabulate_base_rates(replay: SalesReplay) -> str:
    """Tabulate misuse by partner and origin: all, notified in the year, not notified in the year, never notified."""
    years = replay.years
    groups = [
        years,
        years.filter("notified"),
        years.filter(~pl.col("notified")),
        years.filter(~pl.col("ever_notified")),
    ]
    cells = [
        [format_rate(compute_event_rate(part, "misuse_followed")) for _, part in _split_by_tier(group)]
        for group in groups
    ]
    clear = [format_rate(compute_event_rate(group.filter(status="clear"), "misuse_followed")) for group in groups]
    rows = [[label, *values] for label, *values in zip([*TIERS, "all"], *cells, strict=True)]
    return format_markdown_table(
        ["tier then", "all partners", "notified in the year", "not notified in the year", "never notified"],
        [*rows, ["all, if clear then", *clear]],
    )


def tabulate_package_sizes(replay: SalesReplay) -> str:
    """Tabulate mean package lines of each kind, and the share of notifications with any, by tier."""
    sales = select_forecast_sales(replay)
    applies = replay.packages.filter(result="applies").group_by(*NOTIFICATION_KEYS, "kind").len("lines")
    rows = []
    for label, part in _split_by_tier(sales):
        counts = part.select(NOTIFICATION_KEYS).join(applies, on=NOTIFICATION_KEYS)
        rows.append(
            [label, f"{part.height:,}", *(_format_size(counts.filter(kind=kind), part.height) for kind in KIND_TITLES)]
        )
    return format_markdown_table(["tier then", "notifications", *KIND_TITLES.values()], rows)


def tabulate_rules(replay: SalesReplay, kind: str) -> str:
    """Count the notifications that each rule of a kind applies to, in all and by tier, and those it refers."""
    lines = replay.packages.filter(kind=kind)
    number, applies = select_forecast_sales(replay).height, pl.col("result") == "applies"
    counted = lines.group_by("rule").agg(
        carried=applies.sum(),
        asked=(~applies).sum(),
        partners=pl.col("iso3").filter(applies).n_unique(),
        **{tier: (applies & (pl.col("tier") == tier)).sum() for tier in TIERS},
    )
    rows = [
        [f"{replay.rules[row['rule']]} (`{row['rule']}`)", f"{row['carried']:,} ({row['carried'] / number:.0%})",
         f"{row['partners']}", *(f"{row[tier]:,}" for tier in TIERS), f"{row['asked']:,}"]
        for row in counted.sort(["carried", "asked", "rule"], descending=[True, True, False]).iter_rows(named=True)
    ]  # fmt: skip
    return format_markdown_table(
        [KIND_TITLES[kind].lower().removesuffix("s"), "notifications", "partners", *TIERS, "to be looked up"], rows
    )


def tabulate_partners(replay: SalesReplay) -> str:
    """List the partners with most notifications at high or severe: count, misuse followed, and package."""
    risky = select_forecast_sales(replay).filter(pl.col("tier").is_in(["high", "severe"]))
    lines = replay.packages.filter(pl.col("kind").is_in(["positive_condition", "redline", "offramp"]))
    counts = lines.filter(result="applies").group_by("iso3", "year", "cn_number").len("lines")
    rows = (
        risky.join(counts, on=NOTIFICATION_KEYS, how="left")
        .group_by("partner")
        .agg(
            pl.len(),
            pl.col("misuse_followed").sum().alias("followed"),
            (pl.col("status") == "ongoing").sum().alias("ongoing"),
            pl.col("probability").mean(),
            pl.col("lines").fill_null(0).mean(),
        )
        .sort(["len", "partner"], descending=[True, False])
    )
    cells = [
        [row["partner"], str(row["len"]), f"{row['probability']:.0%}", str(row["ongoing"]), str(row["followed"]),
         f"{row['lines']:.1f}"]
        for row in rows.head(SHOWN_PARTNERS).iter_rows(named=True)
    ]  # fmt: skip
    return format_markdown_table(
        ["partner", "notifications at high or severe", "mean forecast", "under way then", "misuse followed",
         "conditions, redlines and offramps each"], cells,
    )  # fmt: skip


def tabulate_items(named: pl.DataFrame) -> str:
    """Tabulate each named item and end user: case tiers and drivers."""
    grouped = named.group_by("item", "end_user").agg(
        pl.len(),
        pl.col("iso3").n_unique().alias("partners"),
        *((pl.col("case_tier") == tier).sum().alias(tier) for tier in (*TIERS, "referred")),
        pl.col("case_driver").filter(pl.col("case_tier") != "low").drop_nulls().unique().sort().alias("drivers"),
    )
    rows = [
        [f"`{row['item']}`", row["end_user"].replace("_", " "), str(row["len"]), str(row["partners"]),
         *(str(row[tier]) for tier in (*TIERS, "referred")), ", ".join(row["drivers"]).replace("_", " ") or "–"]
        for row in grouped.sort("item", "end_user").iter_rows(named=True)
    ]  # fmt: skip
    return format_markdown_table(
        ["item", "end user assumed", "cases", "partners", *TIERS, "referred", "driven by, above low"], rows
    )


def _split_by_tier(rows: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    return [*((tier, rows.filter(tier=tier)) for tier in TIERS), ("all", rows)]


def _build_tier_row(label: str, part: pl.DataFrame) -> list[str]:
    clear = part.filter(status="clear")
    mean = part["probability"].mean()
    return [
        label,
        f"{part.height:,}",
        f"{part['iso3'].n_unique()}",
        f"{mean:.0%}" if isinstance(mean, float) else "–",
        format_rate(compute_event_rate(part, "misuse_followed")),
        format_rate(compute_event_rate(clear, "misuse_followed")),
        *(
            format_rate(compute_event_rate(part, f"{name}_followed"))
            for name in ("state_terror", "civilian_killing", "coup")
        ),
    ]


def _format_size(counts: pl.DataFrame, number: int) -> str:
    """Format the mean lines per notification, and the share of notifications with any: 3.2 (90%)."""
    return f"{counts['lines'].sum() / number:.1f} ({counts.height / number:.0%})" if number else "–"
