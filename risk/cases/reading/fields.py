"""The fields of a case: their types, accepted values, and the one-line reason for rejecting any other."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from difflib import get_close_matches

import polars as pl

from features.bad_input import BadInput
from risk.cases.tables.loading import TransferTables

REQUIRED_FIELDS = ("id", "partner", "programme", "item", "end_user", "objective", "gap", "proposed")
OPTIONAL_FIELDS = (
    "quantity",
    "value_usd",
    "support_years",
    "major_defense_equipment",
    "use_terms",
    "serial_audit",
    "sustainment_hold",
    "note",
)
CASE_FIELD_NAMES = (
    *("id", "partner", "programme", "item", "quantity", "value_usd", "end_user", "objective", "gap", "support_years"),
    *("proposed", "major_defense_equipment", "use_terms", "serial_audit", "sustainment_hold", "note"),
)
KEY_FIELDS = ("partner", "programme", "item", "end_user")
TERM_FIELDS = ("use_terms", "serial_audit", "sustainment_hold")
FLAG_FIELDS = ("major_defense_equipment", *TERM_FIELDS)
ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"
LONGEST_TEXT = 2_000
HIGHEST_VALUES = {"quantity": 1e9, "value_usd": 1e12, "support_years": 60.0}
LOWEST_VALUES = {"quantity": 1.0, "value_usd": 1.0, "support_years": 0.0}
FIRST_DAY, LAST_DAY = pl.date(1950, 1, 1), pl.date(2100, 12, 31)
FLAG_WORDS = {"yes": True, "true": True, "no": False, "false": False}
SHOWN_LENGTH = 60
# The line or row of a case in its file, and the name of its first invalid field.
LINE_COLUMN = "line"
FAULT_COLUMN = "fault"


@dataclass(frozen=True)
class AcceptedKeys:
    """The accepted values of each key field, in the order of their codes."""

    partner: tuple[str, ...]
    programme: tuple[str, ...]
    item: tuple[str, ...]
    end_user: tuple[str, ...]
    objective: tuple[str, ...]


@dataclass(frozen=True)
class CheckedCases:
    """The valid cases, typed, with a code for each key; and the invalid rows with field and reason."""

    cases: pl.DataFrame
    faults: pl.DataFrame


# The days that both Python and Polars can format.
CALENDAR_DAYS = pl.date(1, 1, 1), pl.date(9999, 12, 31)
FAULT_SCHEMA = pl.Schema(
    {LINE_COLUMN: pl.Int64, "id": pl.String, "field": pl.String, "value": pl.String, "reason": pl.String}
)


def list_accepted_keys(tables: TransferTables, partners: Collection[str]) -> AcceptedKeys:
    """List the accepted keys: the given partners, and the ids of the transfer tables."""
    key_tables = (tables.programmes, tables.items, tables.end_users, tables.objectives)
    return AcceptedKeys(tuple(partners), *(tuple(entry.id for entry in table) for table in key_tables))


def check_case_columns(columns: Collection[str], file: str) -> None:
    """Refuse unknown columns and missing required ones."""
    unknown = [name for name in columns if name not in CASE_FIELD_NAMES]
    if unknown:
        near = get_close_matches(unknown[0], CASE_FIELD_NAMES, 1)
        meant = f"did you mean {near[0]!r}? " if near else ""
        raise BadInput(f"{file}: unknown field {unknown[0]!r}; {meant}a case has {', '.join(CASE_FIELD_NAMES)}")
    missing = [name for name in REQUIRED_FIELDS if name not in columns]
    if missing:
        raise BadInput(f"{file}: the field {missing[0]!r} is missing; every case needs {', '.join(REQUIRED_FIELDS)}")


def check_case_fields(raw: pl.DataFrame, keys: AcceptedKeys) -> CheckedCases:
    """Type and check every row; `raw` holds `line` (its place in the file) and fields of any type, empty as null.

    Objective and gap may be empty here: a case without them is sent back, not at fault.
    """
    fields = raw.select(
        LINE_COLUMN, *(pl.col(name) if name in raw.columns else pl.lit(None).alias(name) for name in CASE_FIELD_NAMES)
    )
    texts = fields.with_columns(
        _strip_plain_text(name, kind) for name, kind in fields.schema.items() if name != LINE_COLUMN
    )
    typed = texts.with_columns(
        *(_encode_key(name, getattr(keys, name)).alias(f"{name}_code") for name in KEY_FIELDS),
        _encode_objective(keys.objective),
        *(pl.col(name).cast(pl.Float64, strict=False) for name in HIGHEST_VALUES),
        _parse_proposed_day(texts.schema["proposed"]).alias("proposed"),
        *(_parse_flag(name, texts.schema[name]).alias(name) for name in FLAG_FIELDS),
        *(pl.col(name).alias(f"{name}_given") for name in (*HIGHEST_VALUES, *FLAG_FIELDS, "proposed")),
    ).with_columns(_find_first_fault().alias(FAULT_COLUMN))
    bad = typed.filter(pl.col(FAULT_COLUMN).is_not_null())
    good = typed if bad.is_empty() else typed.filter(pl.col(FAULT_COLUMN).is_null())
    kept = good.drop(FAULT_COLUMN, *(f"{name}_given" for name in (*HIGHEST_VALUES, *FLAG_FIELDS, "proposed")))
    whole = pl.col("quantity").cast(pl.Int64)
    return CheckedCases(kept.with_columns(pl.col(TERM_FIELDS).fill_null(False), whole), _build_fault_rows(bad, keys))


def _strip_plain_text(name: str, kind: pl.DataType) -> pl.Expr:
    """Strip a column as text, empty as null; numbers, days and flags that already have their type keep it."""
    own_type = (
        (name in HIGHEST_VALUES and kind.is_numeric())
        or (name in FLAG_FIELDS and kind == pl.Boolean)
        or (name == "proposed" and isinstance(kind, pl.Date | pl.Datetime))
    )
    if own_type:
        return pl.col(name)
    if kind.is_nested() or kind == pl.Binary:
        return pl.lit("a list or raw bytes", dtype=pl.String).alias(name)
    text = pl.col(name).cast(pl.String).str.strip_chars()
    return pl.when(text.str.len_bytes() > 0).then(text).alias(name)


def _encode_key(name: str, words: tuple[str, ...]) -> pl.Expr:
    return pl.col(name).cast(pl.Enum(words), strict=False).to_physical().cast(pl.Int32)


def _encode_objective(words: tuple[str, ...]) -> pl.Expr:
    """Encode an objective; any text that starts with `other:` has the code of `other`."""
    text = pl.col("objective")
    key = pl.when(text.str.starts_with("other:")).then(pl.lit("other")).otherwise(text)
    return key.cast(pl.Enum(words), strict=False).to_physical().cast(pl.Int32).alias("objective_code")


def _parse_proposed_day(kind: pl.DataType) -> pl.Expr:
    column = pl.col("proposed")
    return column.cast(pl.Date, strict=False) if kind != pl.String else column.str.to_date("%Y-%m-%d", strict=False)


def _parse_flag(name: str, kind: pl.DataType) -> pl.Expr:
    if kind == pl.Boolean:
        return pl.col(name)
    return pl.col(name).str.to_lowercase().replace_strict(FLAG_WORDS, default=None, return_dtype=pl.Boolean)


def _find_first_fault() -> pl.Expr:
    """Find the name of the first invalid field, in field order; null if all are valid."""
    wrong: dict[str, pl.Expr] = {"id": ~pl.col("id").str.contains(ID_PATTERN).fill_null(False)}
    wrong |= {name: pl.col(f"{name}_code").is_null() for name in KEY_FIELDS}
    wrong["objective"] = (pl.col("objective").is_not_null() & pl.col("objective_code").is_null()) | _is_too_long(
        "objective"
    )
    wrong |= {name: _is_too_long(name) for name in ("gap", "note")}
    for name, most in HIGHEST_VALUES.items():
        value = pl.col(name)
        outside = ~value.is_between(LOWEST_VALUES[name], most) | value.is_nan()
        if name == "quantity":
            outside |= value != value.floor()
        wrong[name] = pl.col(f"{name}_given").is_not_null() & outside.fill_null(True)
    day = pl.col("proposed")
    wrong["proposed"] = ~day.is_between(FIRST_DAY, LAST_DAY).fill_null(False)
    wrong |= {name: pl.col(f"{name}_given").is_not_null() & pl.col(name).is_null() for name in FLAG_FIELDS}
    return pl.coalesce(pl.when(wrong[name]).then(pl.lit(name)) for name in CASE_FIELD_NAMES)


def _is_too_long(name: str) -> pl.Expr:
    return (pl.col(name).str.len_bytes() > LONGEST_TEXT).fill_null(False)


def _build_fault_rows(bad: pl.DataFrame, keys: AcceptedKeys) -> pl.DataFrame:
    rows = []
    for row in bad.with_columns(_format_given_day(bad.schema["proposed_given"])).drop("proposed").iter_rows(named=True):
        field = row[FAULT_COLUMN]
        value = row[f"{field}_given" if f"{field}_given" in row else field]
        shown = None if value is None else str(value)
        rows.append((row[LINE_COLUMN], row["id"], field, shown, describe_field_fault(field, shown, keys)))
    return pl.DataFrame(rows, schema=FAULT_SCHEMA, orient="row")


def _format_given_day(kind: pl.DataType) -> pl.Expr:
    """Format the proposed day as it was entered."""
    value = pl.col("proposed_given")
    if kind == pl.String:
        return value
    day = pl.col("proposed")
    written = pl.when(day.is_between(*CALENDAR_DAYS)).then(day.clip(*CALENDAR_DAYS).cast(pl.String))
    text = written.otherwise(pl.lit("a day beyond the years 1 to 9999"))
    return pl.when(value.is_not_null()).then(text).alias("proposed_given")


def describe_field_fault(field: str, value: str | None, keys: AcceptedKeys) -> str:
    """Describe in one line the field, its value and what is accepted."""
    fault = "is empty" if value is None else f"{_shorten_value(value)!r} is not accepted"
    return f"{field}: {fault}; expected {_EXPECTED_VALUES[field](keys, value or '')}"


def _shorten_value(value: str) -> str:
    return value if len(value) <= SHOWN_LENGTH else f"{value[: SHOWN_LENGTH - 1]}…"


def _describe_accepted_words(words: tuple[str, ...], value: str) -> str:
    near = get_close_matches(value.lower(), words, 1, 0.75)
    return f"one of {', '.join(words)}" + (f" (did you mean {near[0]!r}?)" if near else "")


def _describe_accepted_partners(keys: AcceptedKeys, value: str) -> str:
    near = value.upper() if value.upper() in keys.partner else ""
    meant = f" (did you mean {near!r}?)" if near else ""
    return f"the three capital letters (ISO3) of one of {len(keys.partner)} partners, such as EGY{meant}"


_EXPECTED_VALUES: dict[str, Callable[[AcceptedKeys, str], str]] = {
    "id": lambda keys, value: "1 to 80 letters, digits, dots, hyphens or underscores, a letter or digit first",
    "partner": _describe_accepted_partners,
    "programme": lambda keys, value: _describe_accepted_words(keys.programme, value),
    "item": lambda keys, value: _describe_accepted_words(keys.item, value),
    "end_user": lambda keys, value: _describe_accepted_words(keys.end_user, value),
    "objective": lambda keys, value: _describe_accepted_words(keys.objective, value),
    "gap": lambda keys, value: f"at most {LONGEST_TEXT:,} bytes of text",
    "note": lambda keys, value: f"at most {LONGEST_TEXT:,} bytes of text",
    "quantity": lambda keys, value: "a whole number from 1 to 1000000000, without separators, or nothing",
    "value_usd": lambda keys, value: "dollars from 1 to 1000000000000, without separators, or nothing",
    "support_years": lambda keys, value: "years from 0 to 60, or nothing",
    "proposed": lambda keys, value: "a day as YYYY-MM-DD, from 1950-01-01 to 2100-12-31",
    "major_defense_equipment": lambda keys, value: "yes, no, or nothing where it is not known",
    "use_terms": lambda keys, value: "true, false or nothing",
    "serial_audit": lambda keys, value: "true, false or nothing",
    "sustainment_hold": lambda keys, value: "true, false or nothing",
}
