"""Where the sources are silent: a hole is told, and never counted as a zero."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Hole:
    """Figures that lack something: whose (all partners if none), in which years, what, and whether a rest is told.

    series: the column it holds for; lower_bound: what is there is part of the truth, and shown as "at least".
    """

    series: str
    first: int
    last: int
    told: str
    iso3: str | None = None
    lower_bound: bool = True


AID = "usmil_assistance_usd"
HOLES = (
    Hole(
        AID,
        2024,
        2025,
        "Nearly all of Egypt's Foreign Military Financing is missing: $2 million and $36 million stand where about "
        "$1.3 billion a year was appropriated.",
        "EGY",
        lower_bound=False,
    ),
    Hole(
        AID,
        2021,
        2025,
        "Presidential drawdowns for Ukraine are left out. Of what is there, $44 billion stand in one sector and are "
        "hardly paid out: read the sums as promised, not delivered.",
        "UKR",
    ),
    Hole(AID, 2025, 2025, "FY2025 was still filling when the file was published in December 2025."),
    Hole(
        "dsca_notifications",
        2005,
        2007,
        "No notification of 2005 to 2007 is in the list.",
        lower_bound=False,
    ),
    Hole(
        "dsca_notifications",
        2004,
        2026,
        "Taiwan's notifications are missing from the list in every year.",
        "TWN",
        lower_bound=False,
    ),
    Hole("dsca_notifications", 2026, 2026, "The list ends in March 2026."),
)
NOTES = (
    "Accounts (financing, training, other) are published to FY2020 only: the newer file tells no accounts.",
    "Foreign Military Sales end in 2016 (agreed) and 2017 (delivered), commercial licences in 2018. The licences of "
    "2008 and 2018 are out of line with other years. Values of notified sales are known for almost none before 2025, "
    "so notifications are counted, not summed.",
    "Reimbursements to coalition partners (Coalition Support Funds) are in neither file.",
    "Money for regions and for the world at large belongs to no partner and is shown apart.",
)


def hole(series: str, iso3: str, year: int) -> Hole | None:
    """The hole in one partner's figure of one year, or none; one that leaves nothing to read comes first."""
    found = [h for h in HOLES if h.series == series and h.first <= year <= h.last and h.iso3 in (None, iso3)]
    return min(found, key=lambda h: h.lower_bound, default=None)


def unreadable(series: str) -> pl.Expr:
    """Whether a row (iso3, year) lies in a hole that leaves nothing to read."""
    return pl.any_horizontal(pl.lit(False), *(_within(h) for h in HOLES if h.series == series and not h.lower_bound))


def at_least(series: str) -> pl.Expr:
    """Whether a row (iso3, year) is known to lack a part."""
    return pl.any_horizontal(pl.lit(False), *(_within(h) for h in HOLES if h.series == series and h.lower_bound))


def told() -> pl.Expr:
    """What lacks in a row (iso3, year, measure), in words; nothing where nothing does."""
    worst_first = sorted(HOLES, key=lambda h: h.lower_bound)
    return pl.coalesce(
        *(pl.when((pl.col("measure") == h.series) & _within(h)).then(pl.lit(h.told)) for h in worst_first)
    )


def _within(one: Hole) -> pl.Expr:
    years = pl.col("year").is_between(one.first, one.last)
    return years & (pl.col("iso3") == one.iso3) if one.iso3 else years
