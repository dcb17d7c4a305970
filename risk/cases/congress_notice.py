"""Which clause of law brings a case before Congress, whether it does, and for how many days."""

import polars as pl

from risk.cases.tables.loading import TransferTables
from risk.cases.tables.schema import NotificationClause, NotificationThreshold

# What can come of a case; the first five need no answer from the reviewer.
NOTICE_OUTCOMES = (
    "equipment",
    "all",
    "always",
    "years",
    "below",
    "ask_value",
    "ask_equipment",
    "ask_clause",
    "ask_years",
)
FIRST_ASKED = NOTICE_OUTCOMES.index("ask_value")
BELOW_OUTCOME = NOTICE_OUTCOMES.index("below")
GROUP_ANSWERS = ("no", "yes", "unknown")
AMOUNT_COLUMNS = ("equipment_usd", "equipment_group_usd", "all_usd", "all_group_usd", "years")


def find_clause_codes(tables: TransferTables) -> list[int]:
    """The clause of every programme and item, in the order of their codes: the first that fits both."""
    return [
        next(
            code
            for code, one in enumerate(tables.notifications)
            if channel.id in one.programmes and (not one.items or item.id in one.items)
        )
        for channel in tables.programmes
        for item in tables.items
    ]


def build_clause_amounts(tables: TransferTables) -> pl.DataFrame:
    """One row a clause: its amounts, and whether notice is always or never due or must be asked about."""
    rows = []
    for one in tables.notifications:
        equipment, whole, years = (
            one.find_threshold("major_equipment"),
            one.find_threshold("all"),
            one.find_threshold("years"),
        )
        amounts = [getattr(which, name, None) for which in (equipment, whole) for name in ("usd", "group_usd")]
        rows.append(
            (
                *amounts,
                years.years if years else None,
                *(bool(one.find_threshold(c)) for c in ("always", "never", "ask")),
            )
        )
    schema = dict.fromkeys(AMOUNT_COLUMNS, pl.Float64) | dict.fromkeys(("always", "never", "asks"), pl.Boolean)
    return pl.DataFrame(rows, schema=schema, orient="row")


def build_notice_outcome() -> pl.Expr:
    """What comes of each row, as a place in OUTCOMES; the lower amounts count where the group is not known."""
    group = pl.col("group").fill_null(False)
    value, years = pl.col("value_usd"), pl.col("support_years")
    whole = pl.when(group).then("all_group_usd").otherwise("all_usd")
    equipment = pl.when(group).then("equipment_group_usd").otherwise("equipment_usd")
    major = pl.coalesce("major_defense_equipment", pl.when("never_major").then(pl.lit(False)))
    amounts = whole.is_not_null() | equipment.is_not_null()
    reached = (value >= equipment).fill_null(False)
    place = {name: pl.lit(number, dtype=pl.Int64) for number, name in enumerate(NOTICE_OUTCOMES)}
    return (
        pl.when("always")
        .then(place["always"])
        .when("never")
        .then(place["below"])
        .when(pl.col("years").is_not_null())
        .then(
            pl.when(years.is_null())
            .then(place["ask_years"])
            .when(years >= pl.col("years"))
            .then(place["years"])
            .otherwise(place["below"])
        )
        .when(amounts & value.is_null())
        .then(place["ask_value"])
        .when((value >= whole).fill_null(False))
        .then(place["all"])
        .when(reached & major.fill_null(False))
        .then(place["equipment"])
        .when(reached & major.is_null())
        .then(place["ask_equipment"])
        .when("asks")
        .then(place["ask_clause"])
        .otherwise(place["below"])
    )


def is_note_relevant(tables: TransferTables) -> pl.Expr:
    """Whether the note of a row's clause is about it; reads clause_code, programme and value_usd."""
    about = pl.lit(False)
    for code, one in enumerate(tables.notifications):
        if one.note is None:
            continue
        fits = pl.col("clause_code") == code
        if one.note_programmes:
            fits &= pl.col("programme").is_in(one.note_programmes)
        if one.note_from_usd is not None:
            fits &= pl.col("value_usd").is_null() | (pl.col("value_usd") >= one.note_from_usd)
        about |= fits
    return about


def describe_notification(
    clause: NotificationClause, happened: str, group: str, with_note: bool = False
) -> tuple[str, int | None, str]:
    """The clause or none or ask, the days, and why, for what came of a case and the partner's group."""
    number = {"yes": clause.group_days, "no": clause.days}
    days = clause.days if clause.days == clause.group_days else number.get(group)
    why = _explain_outcome(clause, happened, group)
    doubt = "; to be verified" if clause.reference.status == "verify" else ""
    note = f" {clause.note}" if with_note and clause.note else ""
    because = f"{why} ({clause.reference.cite}, read as of {clause.reference.as_of}{doubt}).{note}"
    if NOTICE_OUTCOMES.index(happened) >= FIRST_ASKED:
        return "ask", None, because
    if happened == "below":
        return "none", None, because
    return clause.clause, days, because


def _explain_outcome(clause: NotificationClause, happened: str, group: str) -> str:
    parts: dict[str, NotificationThreshold] = {one.counts: one for one in clause.thresholds}
    if happened in ("equipment", "all"):
        one = parts["major_equipment" if happened == "equipment" else "all"]
        usd = one.group_usd if group == "yes" else one.usd
        return (
            f"{_capitalize_text(one.because)} of {_format_millions(usd)} or "
            f"more{_describe_unknown_group(clause, group)}"
        )
    if happened in ("always", "years"):
        return _capitalize_text(parts[happened].because)
    if happened == "below":
        return (
            parts["never"].because.rstrip(".") if "never" in parts else f"Below {_format_notice_amounts(clause, group)}"
        )
    if happened == "ask_clause":
        return _capitalize_text(parts["ask"].because)
    unsaid = {
        "ask_value": "The value is not given",
        "ask_equipment": "Whether it is major defense equipment is not said",
        "ask_years": "The years it runs are not given",
    }[happened]
    return f"{unsaid}; notice is due from {_format_notice_amounts(clause, group)}"


def _format_notice_amounts(clause: NotificationClause, group: str) -> str:
    """The amounts from which notice is due, in words."""
    told = []
    for one in clause.thresholds:
        usd = one.group_usd if group == "yes" else one.usd
        told.append(f"{_format_millions(usd)} of {one.because}" if usd is not None else one.because)
    return " or ".join(told) + _describe_unknown_group(clause, group)


def _describe_unknown_group(clause: NotificationClause, group: str) -> str:
    differ = any(one.usd != one.group_usd for one in clause.thresholds) or clause.days != clause.group_days
    return (
        ", if the partner is outside the group of 15 days, which is not known" if group == "unknown" and differ else ""
    )


def _format_millions(usd: float | None) -> str:
    return f"${(usd or 0) / 1e6:g} million"


def _capitalize_text(text: str) -> str:
    return text[:1].upper() + text[1:]
