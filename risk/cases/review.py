"""Reviews all cases at once: risk, record, law, notification, package, questions and safer alternatives."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from features.bad_input import BadInput
from risk.cases import congress_notice as notice
from risk.cases.bitsets import CodeArray, compute_flag_bits, compute_scope_bits, format_bit_ids, format_code_texts
from risk.cases.exposure import (
    build_exposure_columns,
    build_pair_columns,
    build_raised_columns,
    build_rank_columns,
    build_tier_columns,
    build_worst_rank,
)
from risk.cases.objective_check import check_stated_objectives
from risk.cases.package import ANSWERED_CHECKS, PACKAGE_COLUMNS, PackageColumn, build_package_columns
from risk.cases.pair_scores import build_pair_table
from risk.cases.partner_inputs import build_partner_inputs
from risk.cases.reading.fields import LINE_COLUMN, TERM_FIELDS, AcceptedKeys, check_case_fields, list_accepted_keys
from risk.cases.tables.entry_types import RISKS, UNKNOWN_FACTS
from risk.cases.tables.loading import TransferTables
from risk.rules.rulebook import Rulebook
from risk.vocabulary import TIERS

REVIEWED_RESULT, SENT_BACK_RESULT = "reviewed", "sent_back"
CASE_COLUMNS = (
    *("id", "iso3", "partner", "region", "programme", "item", "end_user", "quantity", "value_usd", "objective", "gap"),
    *("support_years", "proposed", "major_defense_equipment", *TERM_FIELDS, "note"),
)
ASSESSED_COLUMNS = (
    *("partner_tier", "partner_probability", "posture", "strategic_value", "leverage"),
    *(f"{risk}_{what}" for risk in RISKS for what in ("item", "user", "pair", "pressure", "exposure")),
    *("case_exposure", "case_driver", "case_tier", "record", "triggers", "triggers_asked"),
    *("notification", "notification_days", "notification_because", *PACKAGE_COLUMNS[2:], "questions", "safer"),
)
REVIEW_COLUMNS = (*CASE_COLUMNS, "result", "sent_back_because", *ASSESSED_COLUMNS, "warning")


@dataclass(frozen=True)
class ReviewContext:
    """What every review needs, computed once: partners, pairs, packages, clauses and accepted keys."""

    tables: TransferTables
    keys: AcceptedKeys
    partners: pl.DataFrame
    pairs: pl.DataFrame
    packages: dict[str, PackageColumn]
    clauses: CodeArray
    amounts: pl.DataFrame


def review_cases(
    cases: pl.DataFrame,
    rule_inputs: pl.DataFrame,
    decisions: pl.DataFrame,
    book: Rulebook,
    tables: TransferTables,
    on: date,
) -> pl.DataFrame:
    """Review cases, one row each in the same order, with the columns of REVIEW_COLUMNS.

    cases: the fields of a case, typed or as text; rule_inputs and decisions: of one run; on: the day of the rules.
    Raises BadInput with row, field, value and what is accepted at the first invalid field.
    """
    rows = cases.drop(LINE_COLUMN, strict=False).with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(LINE_COLUMN)
    )
    context = build_review_context(rule_inputs, decisions, book, tables, on)
    checked = check_case_fields(rows, context.keys)
    if not checked.faults.is_empty():
        first = checked.faults.row(0, named=True)
        raise BadInput(f"cases, row {first[LINE_COLUMN]}: {first['reason']}")
    return review_checked_cases(checked.cases, context)


def build_review_context(
    rule_inputs: pl.DataFrame, decisions: pl.DataFrame, book: Rulebook, tables: TransferTables, on: date
) -> ReviewContext:
    """Compute once what all cases of one run share."""
    partners, pairs = build_partner_inputs(rule_inputs, book, tables, on), build_pair_table(tables)
    keys = list_accepted_keys(tables, partners["iso3"].to_list())
    texts = build_package_columns(decisions, book, tables, keys.partner, pairs)
    clauses = np.array(notice.find_clause_codes(tables), dtype=np.int64)
    return ReviewContext(tables, keys, partners, pairs, texts, clauses, notice.build_clause_amounts(tables))


def review_checked_cases(cases: pl.DataFrame, context: ReviewContext) -> pl.DataFrame:
    """Review cases with checked fields, one row each in the same order, with the columns of REVIEW_COLUMNS."""
    partner, program = _select_codes(cases, "partner"), _select_codes(cases, "programme")
    item, user = _select_codes(cases, "item"), _select_codes(cases, "end_user")
    pair, clause = item * len(context.keys.end_user) + user, context.clauses[program * len(context.keys.item) + item]
    minor = pl.Series("never_major", [entry.never_major for entry in context.tables.items])
    facts = (
        cases.rename({"partner": "iso3"})
        .hstack([minor.gather(item)])
        .hstack(context.partners.drop("iso3")[partner].get_columns())
        .hstack(context.pairs[pair].get_columns())
        .hstack([column.gather_case_texts(partner, program, pair) for column in context.packages.values()])
        .hstack(context.amounts[clause].get_columns())
        .hstack([check_stated_objectives(cases, context.tables)])
        .with_columns(build_raised_columns(context.tables.pressures))
        .with_columns(build_pair_columns())
        .with_columns(build_exposure_columns())
        .with_columns(build_rank_columns(context.tables.pressures))
        .with_columns(build_worst_rank())
        .with_columns(build_tier_columns())
        .with_columns(notice.build_notice_outcome().alias("outcome"))
        .with_columns(_select_open_checks(), clause_code=pl.Series(clause))
        .with_columns(noted=notice.is_note_relevant(context.tables))
    )
    whole = facts.with_columns(
        _describe_record(facts, context, partner),
        *_build_notification_columns(facts, context, clause),
        format_bit_ids(
            _select_questions(facts, context, program, item, user), [column.id for column in context.tables.questions]
        ).alias("questions"),
        _select_safer_alternatives(facts, context, program, item, user),
        pl.lit(context.tables.warning).alias("warning"),
    )
    back = pl.col("sent_back_because").is_not_null()
    kept = (
        [pl.when(~back).then(pl.col(name)).alias(name) for name in ASSESSED_COLUMNS]
        if facts["sent_back_because"].count()
        else []
    )
    result = pl.when(back).then(pl.lit(SENT_BACK_RESULT)).otherwise(pl.lit(REVIEWED_RESULT)).alias("result")
    return whole.with_columns(result, *kept).select(REVIEW_COLUMNS)


def _select_codes(cases: pl.DataFrame, name: str) -> CodeArray:
    return cases[f"{name}_code"].to_numpy().astype(np.int64)


def _select_open_checks() -> pl.Expr:
    """Select the checks, without those on notifying Congress if the review answers them."""
    return pl.when(pl.col("outcome") < notice.FIRST_ASKED).then(ANSWERED_CHECKS).otherwise("checks").alias("checks")


def _describe_record(facts: pl.DataFrame, context: ReviewContext, partner: CodeArray) -> pl.Series:
    """Describe the facts that raised a pair, the terms that lowered it, whether the worst of several users was taken,
    the risks unknown beside a severe one, and the old facts of a judged pressure.
    """
    together = facts["end_user"].is_in([end_user.id for end_user in context.tables.end_users if end_user.together])
    terms = facts.select(pl.all_horizontal(TERM_FIELDS)).to_series()
    risks, severe = [pressure.id for pressure in context.tables.pressures], facts["case_tier"] == TIERS[-1]
    flags = [facts[f"{risk}_raised"] for risk in risks] + [terms, together]
    flags += [(severe & facts[f"{risk}_exposure"].is_null()).fill_null(False) for risk in risks]
    flags += [
        ((facts[f"{risk}_pair"] >= context.tables.matters_from) & (facts[f"{risk}_old"] != "")).fill_null(False)
        for risk in risks
    ]
    code = partner.copy()
    for flag in flags:
        code = code * 2 + flag.to_numpy()
    rows = context.partners.to_dicts()

    def describe_record_code(number: int) -> str:
        held = [bool(number >> place & 1) for place in range(len(flags))][::-1]
        row, pressures = rows[number >> len(flags)], context.tables.pressures
        lines = [
            f"{entry.title}: {entry.record.told} ({row[f'{entry.id}_shown']:.4g}), "
            "so the pair is raised by one, to 4 at most"
            for entry, raised in zip(pressures, held, strict=False)
            if raised and entry.record
        ]
        rest = held[len(pressures) :]
        lines += ["Every pair lowered by one: use terms, serial audit and a sustainment hold"] if rest[0] else []
        lines += ["The worst of several end users is taken for each risk"] if rest[1] else []
        unknown, old = rest[2 : 2 + len(pressures)], rest[2 + len(pressures) :]
        lines += [
            f"{entry.title}: not known, and not counted" for entry, yes in zip(pressures, unknown, strict=True) if yes
        ]
        lines += [
            f"{entry.title}, {row[f'{entry.id}_old']}, which bears on the pressure alone"
            for entry, yes in zip(pressures, old, strict=True)
            if yes
        ]
        return "; ".join(lines)

    return format_code_texts(code, describe_record_code).alias("record")


def _build_notification_columns(facts: pl.DataFrame, context: ReviewContext, clause: CodeArray) -> list[pl.Series]:
    """Build notification, notification_days and notification_because of every row."""
    group = facts["group"].cast(pl.Int8).fill_null(2).to_numpy().astype(np.int64)
    code = (clause * len(notice.NOTICE_OUTCOMES) + facts["outcome"].to_numpy()) * len(notice.GROUP_ANSWERS) + group
    distinct, positions = np.unique(code * 2 + facts["noted"].to_numpy(), return_inverse=True)
    rows = []
    for number in distinct.tolist():
        rest, in_group = divmod(number // 2, len(notice.GROUP_ANSWERS))
        which, happened = divmod(rest, len(notice.NOTICE_OUTCOMES))
        outcome_and_group = notice.NOTICE_OUTCOMES[happened], notice.GROUP_ANSWERS[in_group]
        rows.append(
            notice.describe_notification(context.tables.notifications[which], *outcome_and_group, bool(number % 2))
        )
    schema = {"notification": pl.String, "notification_days": pl.Int64, "notification_because": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")[positions].get_columns()


def _select_questions(
    facts: pl.DataFrame, context: ReviewContext, program: CodeArray, item: CodeArray, user: CodeArray
) -> CodeArray:
    """Select the questions of every row, as bits."""
    questions, keys = context.tables.questions, context.keys
    fitting = (
        compute_scope_bits(questions, "programmes", keys.programme)[program]
        & compute_scope_bits(questions, "items", keys.item)[item]
        & compute_scope_bits(questions, "users", keys.end_user)[user]
    )
    bits: dict[str, int] = {
        name: sum(1 << n for n, question in enumerate(questions) if question.unknown == name) for name in UNKNOWN_FACTS
    }
    flags = facts.select(
        **{name: pl.col(name).is_null() for name in ("value_usd", "quantity", "support_years")},
        major_defense_equipment=pl.col("outcome") == notice.NOTICE_OUTCOMES.index("ask_equipment"),
        pairing=pl.col(f"{RISKS[0]}_base").is_null(),
        pressure=pl.any_horizontal(pl.col(f"{risk}_pressure").is_null() for risk in RISKS),
        notice_list=pl.col("group").is_null(),
        trigger=pl.col("triggers_asked") != "",
    )
    always = sum(1 << n for n, question in enumerate(questions) if question.unknown is None)
    return fitting & (
        always | compute_flag_bits(dict(zip(flags.columns, flags.get_columns(), strict=True)), bits, facts.height)
    )


def _select_safer_alternatives(
    facts: pl.DataFrame, context: ReviewContext, program: CodeArray, item: CodeArray, user: CodeArray
) -> pl.Series:
    """Select the safer alternatives of every row, as ids: the item's own swap first, if any."""
    ways, keys = context.tables.safer, context.keys
    objective = facts["objective_code"].fill_null(0).to_numpy().astype(np.int64)
    bits = (
        compute_scope_bits(ways, "programmes", keys.programme)[program]
        & compute_scope_bits(ways, "items", keys.item)[item]
        & compute_scope_bits(ways, "users", keys.end_user)[user]
        & compute_scope_bits(ways, "objectives", keys.objective)[objective]
    )
    swaps = pl.Series([f"swap_{entry.id}" if entry.swap else "" for entry in context.tables.items])[item]
    both = pl.DataFrame({"s": swaps, "o": format_bit_ids(bits, [way.id for way in ways])})
    return both.select(pl.concat_str("s", "o", separator=";").str.strip_chars(";").alias("safer")).to_series()
