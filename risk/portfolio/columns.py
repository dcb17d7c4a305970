"""What each table of the portfolio holds: what one row is, and the meaning and unit of every column."""

from risk.outputs.columns import PARTNER, POSTURE, TIER, OutputTable

TODAY = {"tier": f"{TIER}, of misuse, today", "posture": f"{POSTURE}, today"}
YEAR = {"year": "fiscal year for assistance, calendar year for sales"}
MEASURE = {
    "measure": "`usmil_assistance_usd`, `usarms_…_usd` (agreements, deliveries, licenses) or `dsca_notifications`"
}
VALUE = "current US dollars; for `dsca_notifications` a number of sales"
AT_LEAST = {"at_least": "true where something is known to be missing, so that the value is a lower bound"}


def _table(name: str, row: str, columns: dict[str, str]) -> OutputTable:
    return OutputTable(f"`out/portfolio/{name}.parquet`, `.csv`", row, columns)


TABLES = {
    "by_partner": _table(
        "by_partner",
        "a partner, year and measure",
        {
            **PARTNER,
            **TODAY,
            **YEAR,
            **MEASURE,
            "value": f"{VALUE}; empty in a gap of the source",
            **AT_LEAST,
            "hole": "what is missing there, in words; empty where nothing is",
        },
    ),
    "by_group": _table(
        "by_group",
        "a region, tier or posture, year and measure",
        {
            "group": "`region`, `tier` or `posture`",
            "name": "which one",
            **YEAR,
            **MEASURE,
            "value": VALUE,
            "share": "share of all partners' total, 0 to 1",
            "partners": "number of partners in it with a value above zero",
            **AT_LEAST,
        },
    ),
    "by_year": _table(
        "by_year",
        "a year and measure",
        {
            **YEAR,
            **MEASURE,
            "value": VALUE,
            "partners": "number of partners with a value above zero",
            **AT_LEAST,
            "elsewhere": "current US dollars that went to regions and to no partner",
        },
    ),
    "by_account": _table(
        "by_account",
        "an account and year, to 2020",
        {
            "account": "account of the assistance; `of_which_loans` is part of the financing",
            "year": "fiscal year",
            "value": "current US dollars",
            "label": "the account in words",
        },
    ),
    "concentration": _table(
        "concentration",
        "a measure and period",
        {
            **MEASURE,
            "first": "first year of the period",
            "last": "last year of the period",
            "partners": "number of partners with a value above zero",
            "largest": "the partner with the largest sum",
            "top1": "share of the largest one, 0 to 1",
            "top5": "share of the largest five, 0 to 1",
            "top10": "share of the largest ten, 0 to 1",
            "herfindahl": "Herfindahl's index: the sum of squared shares, 0 to 1",
        },
    ),
    "pools": _table(
        "pools",
        "a year and measure",
        {
            **YEAR,
            **MEASURE,
            "total": VALUE,
            "wary": "of it, to partners whose posture is be wary",
            "europe": "of it, to Europe and Central Asia",
            "asia": "of it, to East Asia and the Pacific",
            "wary_share": "share of the total, 0 to 1",
            "europe_share": "share of the total, 0 to 1",
            "asia_share": "share of the total, 0 to 1",
        },
    ),
    "claims": _table(
        "claims",
        "a common saying, definition and period",
        {
            "claim": "id of the saying",
            "definition": "what is counted",
            "years": "fiscal years",
            "figure": "the figure by that definition, in `unit`",
            "unit": "unit of the figure",
            "source": "publishers and releases",
        },
    ),
    "objectives": _table(
        "objectives",
        "a partner of the posture condition and pair of competing objectives",
        {
            "iso3": PARTNER["iso3"],
            "partner": PARTNER["partner"],
            "posture": TODAY["posture"],
            "tier": TODAY["tier"],
            "tension": "id of the pair",
            "objective": "what the help is for",
            "for_facts": "facts of that side",
            "against": "what it competes with",
            "against_facts": "facts of that side",
            "for_rules": "titles of rules that speak to the first side",
            "against_rules": "titles of rules that speak to the second",
        },
    ),
    "what_if": OutputTable(
        "`out/portfolio/what_if.csv`",
        "a partner that takes part in the last what-if request",
        {
            **PARTNER,
            **TODAY,
            "points": "points that each $1 million to it counts, by the request's priorities",
            "before_usd": "dollars a year in the base",
            "after_usd": "dollars a year in the answer",
            "change_usd": "the difference",
            "limit": "`rise` or `fall` where its largest change binds, else empty",
            "triggers": "ids of the triggers that bind it",
        },
    ),
    "what_if_prices": OutputTable(
        "`out/portfolio/what_if_prices.csv`",
        "a binding limit of the last what-if request",
        {
            "asked": "place of the limit in the request",
            "kind": "`budget`, `floor`, `cap` or `change` (largest change)",
            "about": "whom it limits",
            "end": "which end binds: `low`, `high` or `both`",
            "points": "points gained or lost by moving the limit by $1 million",
            "words": "the same in a sentence",
        },
    ),
}
