"""Congressional notification of a case: the clause, whether it applies, and the days of advance notice."""

import polars as pl

from risk.cases.tables.entry_types import NotificationClause, NotificationThreshold
from risk.cases.tables.loading import TransferTables

# The possible outcomes; the first five need no answer from the reviewer.
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
    """Find the clause of every program and item, in the order of their codes: the first that covers both."""
    return [
        next(
            code
            for code, clause in enumerate(tables.notifications)
            if channel.id in clause.programmes and (not clause.items or item.id in clause.items)
        )
        for channel in tables.programmes
        for item in tables.items
    ]


def build_clause_amounts(tables: TransferTables) -> pl.DataFrame:
    """Build one row per clause: its amounts, and whether notification is always due, never due or must be asked."""
    rows = []
    for clause in tables.notifications:
        equipment, whole, years = (
            clause.find_threshold("major_equipment"),
            clause.find_threshold("all"),
            clause.find_threshold("years"),
        )
        amounts = [getattr(which, name, None) for which in (equipment, whole) for name in ("usd", "group_usd")]
        rows.append(
            (
                *amounts,
                years.years if years else None,
                *(bool(clause.find_threshold(c)) for c in ("always", "never", "ask")),
            )
        )
    schema = dict.fromkeys(AMOUNT_COLUMNS, pl.Float64) | dict.fromkeys(("always", "never", "asks"), pl.Boolean)
    return pl.DataFrame(rows, schema=schema, orient="row")


def build_notice_outcome() -> pl.Expr:
    """Build each row's outcome, as an index of NOTICE_OUTCOMES; the lower amounts count if the group is unknown."""
    group = pl.col("group").fill_null(False)
    value, years = pl.col("value_usd"), pl.col("support_years")
    whole = pl.when(group).then("all_group_usd").otherwise("all_usd")
    equipment = pl.when(group).then("equipment_group_usd").otherwise("equipment_usd")
    major = pl.coalesce("major_defense_equipment", pl.when("never_major").then(pl.lit(False)))
    amounts = whole.is_not_null() | equipment.is_not_null()
    reached = (value >= equipment).fill_null(False)
    codes = {name: pl.lit(number, dtype=pl.Int64) for number, name in enumerate(NOTICE_OUTCOMES)}
    return (
        pl.when("always")
        .then(codes["always"])
        .when("never")
        .then(codes["below"])
        .when(pl.col("years").is_not_null())
        .then(
            pl.when(years.is_null())
            .then(codes["ask_years"])
            .when(years >= pl.col("years"))
            .then(codes["years"])
            .otherwise(codes["below"])
        )
        .when(amounts & value.is_null())
        .then(codes["ask_value"])
        .when((value >= whole).fill_null(False))
        .then(codes["all"])
        .when(reached & major.fill_null(False))
        .then(codes["equipment"])
        .when(reached & major.is_null())
        .then(codes["ask_equipment"])
        .when("asks")
        .then(codes["ask_clause"])
        .otherwise(codes["below"])
    )


def is_note_relevant(tables: TransferTables) -> pl.Expr:
    """Build whether the note of a row's clause applies to it; reads clause_code, programme and value_usd."""
    relevant = pl.lit(False)
    for code, clause in enumerate(tables.notifications):
        if clause.note is None:
            continue
        fits = pl.col("clause_code") == code
        if clause.note_programmes:
            fits &= pl.col("programme").is_in(clause.note_programmes)
        if clause.note_from_usd is not None:
            fits &= pl.col("value_usd").is_null() | (pl.col("value_usd") >= clause.note_from_usd)
        relevant |= fits
    return relevant


def describe_notification(
    clause: NotificationClause, happened: str, group: str, with_note: bool = False
) -> tuple[str, int | None, str]:
    """Describe an outcome for the partner's group: the clause, `none` or `ask`; the days; and why."""
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
    parts: dict[str, NotificationThreshold] = {threshold.counts: threshold for threshold in clause.thresholds}
    if happened in ("equipment", "all"):
        threshold = parts["major_equipment" if happened == "equipment" else "all"]
        usd = threshold.group_usd if group == "yes" else threshold.usd
        return (
            f"{_capitalize_text(threshold.because)} of {_format_millions(usd)} or "
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
    missing = {
        "ask_value": "The value is not given",
        "ask_equipment": "Whether it is major defense equipment is not said",
        "ask_years": "The years it runs are not given",
    }[happened]
    return f"{missing}; notice is due from {_format_notice_amounts(clause, group)}"


def _format_notice_amounts(clause: NotificationClause, group: str) -> str:
    """Format the amounts from which notification is due."""
    amounts = []
    for threshold in clause.thresholds:
        usd = threshold.group_usd if group == "yes" else threshold.usd
        amounts.append(f"{_format_millions(usd)} of {threshold.because}" if usd is not None else threshold.because)
    return " or ".join(amounts) + _describe_unknown_group(clause, group)


def _describe_unknown_group(clause: NotificationClause, group: str) -> str:
    differ = (
        any(threshold.usd != threshold.group_usd for threshold in clause.thresholds) or clause.days != clause.group_days
    )
    return (
        ", if the partner is outside the group of 15 days, which is not known" if group == "unknown" and differ else ""
    )


def _format_millions(usd: float | None) -> str:
    return f"${(usd or 0) / 1e6:g} million"


def _capitalize_text(text: str) -> str:
    return text[:1].upper() + text[1:]
