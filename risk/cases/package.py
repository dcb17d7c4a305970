"""The partner's package limited to a program, an item and an end user: which rules apply to which case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from features.bad_input import BadInput
from risk.cases.tables.entry_types import RuleApplicability, TransferChannel
from risk.cases.tables.loading import TransferTables
from risk.rules.rule_types import PolicyRule, Rule
from risk.rules.rulebook import Rulebook

FlagArray = npt.NDArray[np.bool_]
CodeArray = npt.NDArray[np.int64]
COLUMN_KINDS = {
    "triggers": "trigger",
    "triggers_asked": "trigger",
    "conditions": "positive_condition",
    "redlines": "redline",
    "offramps": "offramp",
    "messages": "message",
    "checks": "check",
}
PACKAGE_COLUMNS = tuple(COLUMN_KINDS)
ANSWERED_CHECKS = "checks_answered"
PARTNER_SCHEMA = {"iso3": pl.String, "partner": pl.Int64}


@dataclass(frozen=True)
class PackageColumn:
    """One column of the package: its texts, by partner, kind of program and kind of item with user.

    A column distinguishes only a few kinds, so each text is built once and looked up.
    """

    texts: pl.Series
    program_kinds: CodeArray
    pair_kinds: CodeArray

    def gather_case_texts(self, partner: CodeArray, program: CodeArray, pair: CodeArray) -> pl.Series:
        """Look up the text of each case."""
        kinds = int(self.program_kinds.max()) + 1, int(self.pair_kinds.max()) + 1
        row = (partner * kinds[0] + self.program_kinds[program]) * kinds[1] + self.pair_kinds[pair]
        return self.texts.gather(row)


def build_package_columns(
    decisions: pl.DataFrame, book: Rulebook, tables: TransferTables, partners: Sequence[str], pairs: pl.DataFrame
) -> dict[str, PackageColumn]:
    """Build the package of every partner for every case, by column; `pairs` is the table of item and end user.

    An extra column, ANSWERED_CHECKS, has the checks left once it is known whether Congress must be notified.
    Raises BadInput if a decision names a rule that is not in this rulebook.
    """
    rules = {rule.id: rule for rule in book.rules}
    unknown = decisions.filter(~pl.col("rule").is_in(list(rules)))["rule"].sort()
    if not unknown.is_empty():
        raise BadInput(
            f"the decisions name the rule {unknown[0]!r}, which is not in the rulebook; run `make score` again"
        )
    partner_codes = pl.DataFrame({"iso3": partners, "partner": range(len(partners))}, schema=PARTNER_SCHEMA)
    lines = decisions.select("iso3", "rule", "kind", "result").join(partner_codes, on="iso3").with_row_index("order")
    answered = [name for entry in tables.narrowing if entry.until_answered for name in entry.rules]
    open_lines = lines.filter(~pl.col("rule").is_in(answered))
    columns = {
        name: _build_package_column(name, lines, rules, tables, len(partners), pairs) for name in PACKAGE_COLUMNS
    }
    left = _build_package_column("checks", open_lines, rules, tables, len(partners), pairs)
    return columns | {ANSWERED_CHECKS: replace(left, texts=left.texts.alias(ANSWERED_CHECKS))}


def _build_package_column(
    column: str,
    lines: pl.DataFrame,
    rules: Mapping[str, Rule],
    tables: TransferTables,
    partners: int,
    pairs: pl.DataFrame,
) -> PackageColumn:
    """Build one column: the rules of its kind, and for triggers whether they bind or must be looked up."""
    kind = COLUMN_KINDS[column]
    of_kind = lines.filter(kind=kind)
    named = of_kind["rule"].unique().sort().to_list()
    narrowing = {name: entry for entry in tables.narrowing for name in entry.rules}
    # By program: whether each rule is kept, then whether a trigger binds rather than having to be looked up.
    whole = [
        [_covers_program(rules[name], narrowing.get(name), channel) for name in named]
        + [_reaches_program(narrowing.get(name), channel.id) for name in named]
        for channel in tables.programmes
    ]
    concerned = [_find_concerned_pairs(narrowing.get(name), tables, pairs) for name in named]
    by_pair, of_pair = _find_distinct_rows(np.array(concerned, dtype=bool).reshape(len(named), pairs.height).T)
    by_program, of_program = _find_distinct_rows(
        np.array(whole, dtype=bool).reshape(len(tables.programmes), 2 * len(named))
    )
    cases = len(by_program) * len(by_pair)
    kept = of_kind.join(_list_rule_cases(named, by_program, by_pair), on="rule")
    if kind == "trigger":
        binds = (pl.col("result") == "applies") & pl.col("binds")
        kept = kept.filter(binds if column == "triggers" else ~binds)
    texts = (
        kept.with_columns(row=pl.col("partner") * cases + pl.col("case"))
        .sort("row", "order")
        .group_by("row", maintain_order=True)
        .agg(pl.col("rule").str.join(";"))
    )
    every = pl.DataFrame({"row": range(partners * cases)}, schema={"row": pl.Int64})
    joined = every.join(texts, on="row", how="left", maintain_order="left")["rule"].fill_null("")
    return PackageColumn(joined.alias(column), of_program, of_pair)


def _find_distinct_rows(flags: FlagArray) -> tuple[FlagArray, CodeArray]:
    """Find the distinct rows, and the index of each row among them."""
    if not flags.shape[1]:
        return flags[:1], np.zeros(len(flags), dtype=np.int64)
    kinds, of = np.unique(flags, axis=0, return_inverse=True)
    return kinds, of.reshape(-1)


def _covers_program(rule: Rule, entry: RuleApplicability | None, channel: TransferChannel) -> bool:
    own = not isinstance(rule, PolicyRule) or bool(set(rule.programmes) & set(channel.rules))
    return own and (entry is None or not entry.programmes or channel.id in entry.programmes)


def _reaches_program(entry: RuleApplicability | None, program: str) -> bool:
    return entry is None or not entry.reaches or program in entry.reaches


def _find_concerned_pairs(entry: RuleApplicability | None, tables: TransferTables, pairs: pl.DataFrame) -> FlagArray:
    """Flag the pairs of item and end user that a rule applies to, in the order of their codes."""
    if entry is None:
        return np.ones(pairs.height, dtype=np.bool_)
    items = np.array([not entry.items or item.id in entry.items for item in tables.items])
    users = np.array([_includes_user(user.id, user.together, entry.users) for user in tables.end_users])
    fits: FlagArray = (items[:, None] & users[None, :]).ravel()
    if not entry.risks:
        return fits
    matters = pl.any_horizontal(
        pl.col(f"{risk}_base").is_null() | (pl.col(f"{risk}_base") >= tables.matters_from) for risk in entry.risks
    )
    fits &= pairs.select(matters.alias("matters"))["matters"].to_numpy()
    return fits


def _includes_user(user: str, together: Sequence[str], users: Sequence[str]) -> bool:
    return not users or user in users or any(member in users for member in together)


def _list_rule_cases(named: Sequence[str], by_program: FlagArray, by_pair: FlagArray) -> pl.DataFrame:
    """Build one row per rule and kind of case that keeps it: rule, case, and whether a trigger binds there."""
    half = len(named)
    kept = by_program[:, None, :half] & by_pair[None, :, :]
    program, pair, rule = np.nonzero(kept)
    return pl.DataFrame(
        {
            "rule": pl.Series(named, dtype=pl.String).gather(rule),
            "case": program * len(by_pair) + pair,
            "binds": by_program[:, half:][program, rule],
        },
        schema={"rule": pl.String, "case": pl.Int64, "binds": pl.Boolean},
    )
