"""The page on a replay: the words of page_text.md with figures and tables in their places."""

from datetime import date
from pathlib import Path

import polars as pl

from risk.replay import tables
from risk.replay.notifications import KEYS, Replay
from risk.replay.rates import DRAWS, rate

WORDS = Path(__file__).parent / "page_text.md"
PLAN = ["positive_condition", "redline", "offramp"]
POOR = ["high", "severe"]
MOST = 4


def page(replay: Replay, named: pl.DataFrame, on: date, picture: str) -> str:
    """The page in Markdown.

    named: the review of notifications that name their item; on: the day whose rules were applied; picture: the name of
    the file beside the page.
    """
    told = _counts(replay) | _followed(replay) | _tables(replay) | _named(named)
    return WORDS.read_text(encoding="utf-8").format(**told, day=on, picture=picture, draws=f"{DRAWS:,}")


def _counts(replay: Replay) -> dict[str, object]:
    sales, known = replay.sales, tables.replayed(replay)
    origins = replay.years["origin"].unique().sort().to_list()
    last = origins[-1] + 1
    held = replay.packages.filter(pl.col("kind").is_in(PLAN), result="applies").select(KEYS).n_unique()
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
        "held": _part(held, known.height),
        "odd": _announced_later(known),
    }


def _followed(replay: Replay) -> dict[str, str]:
    sales = tables.replayed(replay)
    poor, low = sales.filter(pl.col("tier").is_in(POOR)), sales.filter(tier="low")
    clear, followed = pl.col("status") == "clear", sales.filter("misuse_followed")
    most = poor["partner"].value_counts().sort(["count", "partner"], descending=[True, False]).head(MOST)
    names = most["partner"].to_list()
    return {
        "poor": _part(poor.height, sales.height),
        "poor_followed": _misuse(poor),
        "low": _part(low.height, sales.height),
        "low_followed": _misuse(low),
        "not_clear": _part(followed.filter(~clear).height, followed.height),
        "clear_followed": _misuse(sales.filter(clear)),
        "clear_base": _misuse(replay.years.filter(clear)),
        "most": f"{', '.join(names[:-1])} and {names[-1]}",
        "most_share": f"{most['count'].sum() / poor.height:.0%}",
    }


def _tables(replay: Replay) -> dict[str, str]:
    drawn = (tables.by_year, tables.by_tier, tables.base_rates, tables.sizes, tables.by_partner)
    rules = {kind: tables.by_rule(replay, kind) for kind in ("trigger", *PLAN)}
    return {draw.__name__: draw(replay) for draw in drawn} | rules


def _named(named: pl.DataFrame) -> dict[str, object]:
    notice = named["notification"].value_counts()
    found = dict(zip(notice["notification"], notice["count"], strict=True))
    asked = found.pop("ask", 0)
    return {
        "named": named.height,
        "by_item": tables.by_item(named),
        "notified_again": sum(count for clause, count in found.items() if clause != "none"),
        "notice_asked": asked,
        "notice_none": found.get("none", 0),
    }


def _announced_later(known: pl.DataFrame) -> str:
    """A sentence on each notification with a day of its own, whose forecast is of the number's year all the same."""
    late = known.filter(pl.col("announced").is_not_null())
    return " ".join(
        f"{row['partner']}'s {row['cn_number']} names an item, but was announced on {row['announced']}, "
        f"long after the two years that its number puts it before."
        for row in late.iter_rows(named=True)
    )


def _misuse(rows: pl.DataFrame) -> str:
    return tables.told(rate(rows, "misuse_followed"))


def _part(number: int, whole: int) -> str:
    return f"{number:,} of {whole:,} ({number / whole:.0%})"
