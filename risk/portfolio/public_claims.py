"""The figures behind common claims about the money, each under several definitions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from risk.portfolio.breakdowns import ASIA_REGION, EUROPE_REGION
from risk.portfolio.flows import MoneyFlows

GREENBOOK_SOURCE = "USAID Greenbook (to FY2020)"
BOTH_SOURCES = "USAID Greenbook (to FY2020); ForeignAssistance.gov, December 2025 (from FY2021)"
LAST_FINANCING = 2020
WAR_PARTNERS = ("AFG", "IRQ")
# Threat reduction (securing old weapons) is most of these partners' military assistance.
FORMER_SOVIET = ("RUS", "KAZ", "UZB", "TJK", "KGZ", "TKM")
SHARE_PERIODS = ((2001, 2020), (2016, 2020), (2018, 2018), (2019, 2019), (2020, 2020), (2021, 2023))
TOTAL_PERIODS = ((2011, 2015), (2016, 2020), (2020, 2020), (2021, 2021), (2022, 2022), (2023, 2023))
FINANCING_YEARS = (2003, 2014, 2015, 2016, 2017, 2018, 2019, 2020)

Key = tuple[str, str]
Part = tuple[int, pl.DataFrame]


@dataclass(frozen=True)
class Definition:
    """The terms of a sum (frames with year and usd, each with its sign) and, for a share, of its denominator."""

    parts: Sequence[Part]
    source: str = BOTH_SOURCES
    whole: Sequence[Part] = ()
    a_year: bool = False

    @property
    def unit(self) -> str:
        """The unit: share or dollars."""
        return "share" if self.whole else "dollars"

    def compute(self, first: int, last: int) -> float | None:
        """Compute the figure over some years, or its annual average; None if the denominator is zero."""
        figure = _add(self.parts, first, last, last - first + 1 if self.a_year else 1)
        if not self.whole:
            return figure
        whole = _add(self.whole, first, last)
        return figure / whole if whole else None


def compute_claim_figures(money: MoneyFlows, total_aid: pl.DataFrame) -> pl.DataFrame:
    """Compute every figure behind a claim: claim, definition, years, figure, unit (share or dollars), source.

    total_aid: iso3, year, usd of all assistance, military or not.
    """
    defined = define_figures(money, total_aid)
    rows = [
        (*key, _format_years(first, last), defined[key].compute(first, last), defined[key].unit, defined[key].source)
        for key, first, last in _list_rows(defined, money.loans)
    ]
    schema = dict.fromkeys(("claim", "definition", "years"), pl.String) | {"figure": pl.Float64}
    return pl.DataFrame(rows, orient="row", schema=schema | {"unit": pl.String, "source": pl.String})


def define_figures(money: MoneyFlows, total_aid: pl.DataFrame) -> Mapping[Key, Definition]:
    """Return every definition by claim and name, in display order."""
    named = money.partners.select("iso3", "region")
    aid, accounts = money.aid.join(named, on="iso3"), money.accounts.join(named, on="iso3")
    financing = accounts.filter(account="usmil_fmf_usd")
    claims: dict[str, Mapping[str, Definition]] = {
        "europe_and_asia": _define_regions(aid, financing, money.elsewhere),
        "israel_and_egypt": _define_pair(financing, money.loans),
        "pakistan": _define_since_2001("PAK", aid, financing, total_aid),
        "jordan": _define_since_2001("JOR", aid, financing, total_aid),
        "financing_fell": {
            "Grants and loans, to partners": Definition([(1, financing)], GREENBOOK_SOURCE),
            "Grants, to partners": Definition([(1, financing), (-1, money.loans)], GREENBOOK_SOURCE),
        },
        "twenty_billion": {
            "Military assistance to partners, a year": Definition([(1, aid)], a_year=True),
            "The same, with what went to no partner": Definition([(1, aid), (1, money.elsewhere)], a_year=True),
            "Without Ukraine, a year": Definition([(1, aid.filter(pl.col("iso3") != "UKR"))], a_year=True),
        },
    }
    return {(claim, name): value for claim, definitions in claims.items() for name, value in definitions.items()}


def _define_regions(aid: pl.DataFrame, financing: pl.DataFrame, elsewhere: pl.DataFrame) -> Mapping[str, Definition]:
    both, iso3 = pl.col("region").is_in([EUROPE_REGION, ASIA_REGION]), pl.col("iso3")
    without_ukraine, without_wars = aid.filter(iso3 != "UKR"), aid.filter(~iso3.is_in(WAR_PARTNERS))
    chosen = {
        "All military assistance to partners": (aid, both),
        "The same without Russia and Central Asia's threat reduction": (aid, both & ~iso3.is_in(FORMER_SOVIET)),
        "The same without Ukraine": (without_ukraine, both),
        "Without Afghanistan and Iraq": (without_wars, both),
        "Foreign Military Financing only": (financing, both),
        "Europe alone": (aid, pl.col("region") == EUROPE_REGION),
        "East Asia and the Pacific alone": (aid, pl.col("region") == ASIA_REGION),
    }
    shares = {
        label: Definition(
            [(1, frame.filter(part))], GREENBOOK_SOURCE if frame is financing else BOTH_SOURCES, [(1, frame)]
        )
        for label, (frame, part) in chosen.items()
    }
    whole = Definition([(1, aid.filter(both))], whole=[(1, aid), (1, elsewhere)])
    return shares | {"Of all, with what went to no partner": whole}


def _define_pair(financing: pl.DataFrame, loans: pl.DataFrame) -> Mapping[str, Definition]:
    pair = [(1, financing.filter(pl.col("iso3").is_in(["ISR", "EGY"])))]
    return {
        "Of grants and loans": Definition(pair, GREENBOOK_SOURCE, [(1, financing)]),
        "Of grants": Definition(pair, GREENBOOK_SOURCE, [(1, financing), (-1, loans)]),
    }


def _define_since_2001(
    iso3: str, aid: pl.DataFrame, financing: pl.DataFrame, total_aid: pl.DataFrame
) -> Mapping[str, Definition]:
    is_partner = pl.col("iso3") == iso3
    return {
        "Military assistance, all accounts": Definition([(1, aid.filter(is_partner))]),
        "Foreign Military Financing only": Definition([(1, financing.filter(is_partner))], GREENBOOK_SOURCE),
        "All assistance, military and economic": Definition([(1, total_aid.filter(is_partner))]),
    }


def _list_rows(defined: Mapping[Key, Definition], loans: pl.DataFrame) -> Iterator[tuple[Key, int, int]]:
    """List the years of each definition; grants separately from loans in years that had loans."""
    for key in _of_claim(defined, "europe_and_asia"):
        periods = ((2016, 2020),) if key[1].startswith("Of all") else SHARE_PERIODS
        yield from (
            (key, *years) for years in periods if defined[key].source == BOTH_SOURCES or years[1] <= LAST_FINANCING
        )
    both, grants = _of_claim(defined, "israel_and_egypt")
    yield from _list_yearly(both, grants, range(2001, LAST_FINANCING + 1), loans)
    yield both, 2001, LAST_FINANCING
    for claim in ("pakistan", "jordan"):
        for key in _of_claim(defined, claim):
            yield from (
                (key, 2001, last) for last in (2020, 2025) if defined[key].source == BOTH_SOURCES or last == 2020
            )
    both, grants = _of_claim(defined, "financing_fell")
    yield from _list_yearly(both, grants, FINANCING_YEARS, loans)
    partners, everyone, without_ukraine = _of_claim(defined, "twenty_billion")
    yield from ((key, *years) for years in TOTAL_PERIODS for key in (partners, everyone))
    yield without_ukraine, 2021, 2023


def _list_yearly(both: Key, grants: Key, years: Sequence[int], loans: pl.DataFrame) -> Iterator[tuple[Key, int, int]]:
    for year in years:
        yield both, year, year
        if _sum_years(loans, year, year):
            yield grants, year, year


def _of_claim(defined: Mapping[Key, Definition], claim: str) -> list[Key]:
    return [key for key in defined if key[0] == claim]


def _add(parts: Sequence[Part], first: int, last: int, years: int = 1) -> float:
    return sum(sign * _sum_years(frame, first, last) / years for sign, frame in parts)


def _sum_years(frame: pl.DataFrame, first: int, last: int) -> float:
    return float(frame.filter(pl.col("year").is_between(first, last))["usd"].sum())


def _format_years(first: int, last: int) -> str:
    return f"FY{first}" if first == last else f"FY{first} to FY{last}"
