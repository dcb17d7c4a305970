"""What is commonly said about the money, each beside what the data give under several definitions."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from risk.portfolio.breakdowns import ASIA, EUROPE
from risk.portfolio.flows import Money

SAID_BY = "Tankel and Ross, Retooling U.S. Security Sector Assistance (2020)"
GREENBOOK = "USAID Greenbook (to FY2020)"
BOTH = "USAID Greenbook (to FY2020); ForeignAssistance.gov, December 2025 (from FY2021)"
BILLION = 1e9
AT_WAR = ("AFG", "IRQ")


@dataclass(frozen=True)
class Claim:
    """A common figure, who says it, and what the data say of it in one sentence."""

    id: str
    said: str
    verdict: str


CLAIMS = (
    Claim(
        "europe_and_asia",
        "About 8% of security assistance goes to Europe, East Asia and the Pacific",
        "Reproduced for FY2016 to FY2020 (8%), but the years differ: 6% in FY2016, 12% in FY2020. Of financing alone "
        "it was 7%; without Afghanistan and Iraq, 15%. Since FY2022 Europe alone takes most of what is listed: "
        "Ukraine.",
    ),
    Claim(
        "israel_and_egypt",
        "Israel and Egypt take nearly two thirds of Foreign Military Financing in some years",
        "Right for FY2020, and for FY2017 and FY2018 only because Egypt's money was booked late and Iraq got a loan; "
        "too low for other years. Of grants and loans it was 70% to 80% from FY2004 to FY2006 and over 80% from FY2007 "
        "to FY2013. In FY2003 and FY2016 it was about half, since loans to Poland and Iraq swell the sum; of grants "
        "alone, about three quarters.",
    ),
    Claim(
        "pakistan",
        "Pakistan received over $23 billion since 2001, with reimbursements",
        "Not reproduced: military assistance comes to a quarter of it, and all assistance, economic too, to $18 "
        "billion by FY2020. The reimbursements (Coalition Support Funds) are in none of these files, so the figure can "
        "be neither confirmed nor refuted here.",
    ),
    Claim(
        "jordan",
        "Jordan received close to $10 billion since 2001",
        "Too high for its time: military assistance reached $6.9 billion by FY2020, and $9.1 billion by FY2025. With "
        "economic aid it was $21 billion by FY2020. None of these gives ten for 2020.",
    ),
    Claim(
        "financing_fell",
        "Foreign Military Financing fell from $9.4 billion (FY2015) to $7.5 billion",
        "Not so by obligations: they rose, from $5.6 billion in FY2015 to $7.0 billion in FY2020. The peaks are FY2003 "
        "and FY2016, made by loans to Poland and Iraq. What the common figures count is not known here.",
    ),
    Claim(
        "twenty_billion",
        "Security assistance comes to about $20 billion a year",
        "Higher than any year before FY2023: military assistance came to $12 billion a year from FY2016 to FY2020, $14 "
        "billion with what went to no partner. Civilian police, border and drug programmes and reimbursements are not "
        "listed, and may make the difference. FY2023 came to $39 billion, most of it for Ukraine.",
    ),
)


def figures(money: Money, total_aid: pl.DataFrame) -> pl.DataFrame:
    """Every figure behind a claim: claim, definition, years, figure, unit (share or dollars), source.

    total_aid: iso3, year, usd of all assistance, military or not.
    """
    named = money.partners.select("iso3", "region")
    aid, accounts = money.aid.join(named, on="iso3"), money.accounts.join(named, on="iso3")
    financing = accounts.filter(account="usmil_fmf_usd")
    rows = [
        *_europe_and_asia(aid, financing, money.elsewhere),
        *_israel_and_egypt(financing, money.loans),
        *_since_2001("pakistan", "PAK", aid, financing, total_aid),
        *_since_2001("jordan", "JOR", aid, financing, total_aid),
        *_financing(financing, money.loans),
        *_totals(aid, money.elsewhere),
    ]
    return pl.DataFrame(rows, orient="row", schema=["claim", "definition", "years", "figure", "unit", "source"])


Figure = tuple[str, str, str, float, str, str]


def _total(frame: pl.DataFrame, first: int, last: int) -> float:
    return float(frame.filter(pl.col("year").is_between(first, last))["usd"].sum())


def _years(first: int, last: int) -> str:
    return f"FY{first}" if first == last else f"FY{first} to FY{last}"


def _europe_and_asia(aid: pl.DataFrame, financing: pl.DataFrame, elsewhere: pl.DataFrame) -> Iterator[Figure]:
    both = pl.col("region").is_in([EUROPE, ASIA])
    definitions = (
        ("All military assistance to partners", aid, both),
        ("The same without Russia and Central Asia's threat reduction", aid, both & ~_former_soviet_aid()),
        ("The same without Ukraine", aid.filter(pl.col("iso3") != "UKR"), both),
        ("Without Afghanistan and Iraq", aid.filter(~pl.col("iso3").is_in(AT_WAR)), both),
        ("Foreign Military Financing only", financing, both),
        ("Europe alone", aid, pl.col("region") == EUROPE),
        ("East Asia and the Pacific alone", aid, pl.col("region") == ASIA),
    )
    for definition, frame, chosen in definitions:
        source = GREENBOOK if frame is financing else BOTH
        for first, last in ((2001, 2020), (2016, 2020), (2018, 2018), (2019, 2019), (2020, 2020), (2021, 2023)):
            if frame is not financing or last <= 2020:
                share = _total(frame.filter(chosen), first, last) / _total(frame, first, last)
                yield "europe_and_asia", definition, _years(first, last), share, "share", source
    whole = _total(aid, 2016, 2020) + _total(elsewhere, 2016, 2020)
    share = _total(aid.filter(both), 2016, 2020) / whole
    yield "europe_and_asia", "Of all, with what went to no partner", _years(2016, 2020), share, "share", BOTH


def _former_soviet_aid() -> pl.Expr:
    """Where threat reduction, the care of old weapons, is most of what is counted as military."""
    return pl.col("iso3").is_in(["RUS", "KAZ", "UZB", "TJK", "KGZ", "TKM"])


def _israel_and_egypt(financing: pl.DataFrame, loans: pl.DataFrame) -> Iterator[Figure]:
    pair = pl.col("iso3").is_in(["ISR", "EGY"])
    for year in range(2001, 2021):
        two, whole = _total(financing.filter(pair), year, year), _total(financing, year, year)
        yield "israel_and_egypt", "Of grants and loans", _years(year, year), two / whole, "share", GREENBOOK
        if lent := _total(loans, year, year):
            yield "israel_and_egypt", "Of grants", _years(year, year), two / (whole - lent), "share", GREENBOOK
    two, whole = _total(financing.filter(pair), 2001, 2020), _total(financing, 2001, 2020)
    yield "israel_and_egypt", "Of grants and loans", _years(2001, 2020), two / whole, "share", GREENBOOK


def _since_2001(
    claim: str, iso3: str, aid: pl.DataFrame, financing: pl.DataFrame, total_aid: pl.DataFrame
) -> Iterator[Figure]:
    mine = pl.col("iso3") == iso3
    definitions = (
        ("Military assistance, all accounts", aid, (2020, 2025), BOTH),
        ("Foreign Military Financing only", financing, (2020,), GREENBOOK),
        ("All assistance, military and economic", total_aid, (2020, 2025), BOTH),
    )
    for definition, frame, ends, source in definitions:
        for last in ends:
            yield claim, definition, _years(2001, last), _total(frame.filter(mine), 2001, last), "dollars", source


def _financing(financing: pl.DataFrame, loans: pl.DataFrame) -> Iterator[Figure]:
    for year in (2003, 2014, 2015, 2016, 2017, 2018, 2019, 2020):
        whole = _total(financing, year, year)
        yield "financing_fell", "Grants and loans, to partners", _years(year, year), whole, "dollars", GREENBOOK
        if lent := _total(loans, year, year):
            yield "financing_fell", "Grants, to partners", _years(year, year), whole - lent, "dollars", GREENBOOK


def _totals(aid: pl.DataFrame, elsewhere: pl.DataFrame) -> Iterator[Figure]:
    for first, last in ((2011, 2015), (2016, 2020), (2020, 2020), (2021, 2021), (2022, 2022), (2023, 2023)):
        yearly, years = last - first + 1, _years(first, last)
        given = _total(aid, first, last) / yearly
        apart = _total(elsewhere, first, last) / yearly
        yield "twenty_billion", "Military assistance to partners, a year", years, given, "dollars", BOTH
        yield "twenty_billion", "The same, with what went to no partner", years, given + apart, "dollars", BOTH
    for first, last in ((2021, 2023),):
        rest = _total(aid.filter(pl.col("iso3") != "UKR"), first, last) / (last - first + 1)
        yield "twenty_billion", "Without Ukraine, a year", _years(first, last), rest, "dollars", BOTH
