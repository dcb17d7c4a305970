"""The review of one case in plain Python, rule by rule: the reference for speed and results of batch review."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from risk.cases import congress_notice as notice
from risk.cases.package import COLUMN_KINDS
from risk.cases.pair_scores import compute_pair_score
from risk.cases.reading.fields import TERM_FIELDS
from risk.cases.tables.entry_types import (
    HIGHEST_SCORE,
    RISKS,
    CaseScope,
    EndUser,
    NotificationClause,
    RuleApplicability,
    TransferItem,
)
from risk.cases.tables.loading import TransferTables
from risk.rules.rule_types import PolicyRule, Rule
from risk.vocabulary import REFERRED, TIERS

PlainRow = Mapping[str, Any]


@dataclass(frozen=True)
class PlainInputs:
    """The tables, each partner's facts, the decisions and the rules, as plain values."""

    tables: TransferTables
    partners: Sequence[PlainRow]
    decisions: Sequence[PlainRow]
    rules: Sequence[Rule]

    @cached_property
    def facts_by_partner(self) -> dict[str, PlainRow]:
        """Facts by iso3."""
        return {row["iso3"]: row for row in self.partners}

    @cached_property
    def decisions_by_partner(self) -> dict[str, list[PlainRow]]:
        """Decisions by iso3, in order."""
        grouped: dict[str, list[PlainRow]] = {}
        for row in self.decisions:
            grouped.setdefault(row["iso3"], []).append(row)
        return grouped

    @cached_property
    def rules_by_id(self) -> dict[str, Rule]:
        """Rules by id."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def applicability_by_rule(self) -> dict[str, RuleApplicability]:
        """Applicability by rule."""
        return {rule: entry for entry in self.tables.narrowing for rule in entry.rules}


def review_case_plainly(case: PlainRow, plain: PlainInputs) -> dict[str, Any]:
    """The batch review's result for one checked case, in its computed columns."""
    tables, facts = plain.tables, plain.facts_by_partner[case["partner"]]
    item = next(entry for entry in tables.items if entry.id == case["item"])
    user = next(entry for entry in tables.end_users if entry.id == case["end_user"])
    if _check_vague_gap(case, tables):
        return _build_empty_review()
    bases = _compute_base_pairs(item, user, tables)
    result: dict[str, Any] = {}
    for risk, (own, base) in bases.items():
        result |= _score_risk(risk, (own, getattr(item.scores, risk)), base, case, facts, tables)
    result |= _select_tier(result, tables)
    result |= _review_notification(case, item, facts, tables)
    result |= _build_package(case, user, bases, result["notification"] != "ask", plain)
    result["questions"] = ";".join(_list_questions(case, result, bases, facts, tables))
    safer_ids = [entry.id for entry in tables.safer if _check_scope(entry, case)]
    result["safer"] = ";".join([f"swap_{item.id}"] * bool(item.swap) + safer_ids)
    return result


def _build_empty_review() -> dict[str, Any]:
    names = [f"{risk}_{part}" for risk in RISKS for part in ("pair", "exposure")]
    names += ["case_exposure", "case_driver", "case_tier", "notification", "notification_days", *COLUMN_KINDS]
    return dict.fromkeys([*names, "questions", "safer"])


def _check_vague_gap(case: PlainRow, tables: TransferTables) -> bool:
    empty = set(tables.gap.empty_words)
    words = "".join(
        c if c.isalpha() else f" {c} " if not c.isdigit() else c for c in (case["gap"] or "").lower()
    ).split()
    own = [word for word in words if (len(word) >= 3 or word.isdigit()) and word not in empty]
    return case["objective"] is None or len(own) < tables.gap.least_words


def _compute_base_pairs(item: TransferItem, user: EndUser, tables: TransferTables) -> dict[str, tuple[int, int | None]]:
    """By risk: the user's own score, and the pair score before record and terms."""
    users = {entry.id: entry for entry in tables.end_users}
    single_users = [users[name] for name in user.together] or [user]
    item_pairs = next(entry for entry in tables.pairs if entry.item == item.id)
    bases: dict[str, tuple[int, int | None]] = {}
    for risk in RISKS:
        own = [getattr(entry.scores, risk) for entry in single_users]
        base = [
            max(compute_pair_score(getattr(item.scores, risk), score), item_pairs.raised.get(entry.id, {}).get(risk, 0))
            for entry, score in zip(single_users, own, strict=True)
            if entry.id in item_pairs.users
        ]
        bases[risk] = max(own), max(base) if base else None
    return bases


def _score_risk(
    risk: str, own: tuple[int, int], base: int | None, case: PlainRow, facts: PlainRow, tables: TransferTables
) -> dict[str, Any]:
    """Pair score and exposure of one risk; `own` has the scores of user and item."""
    entry = next(candidate for candidate in tables.pressures if candidate.id == risk)
    pair = base
    if base is not None:
        high = entry.record is not None and own[0] >= entry.record.users_from and own[1] >= entry.record.items_from
        raised = high and facts[f"{risk}_recorded"] and base > 0
        pair = min(HIGHEST_SCORE, max(0, base + raised - all(case[term] for term in TERM_FIELDS)))
    pressure = facts[f"{risk}_pressure"]
    exposure = None if pair is None or pressure is None else round(pair * (100 / HIGHEST_SCORE) * pressure, 4)
    return {f"{risk}_pair": pair, f"{risk}_exposure": exposure}


def _select_tier(result: PlainRow, tables: TransferTables) -> dict[str, Any]:
    known = {risk: value for risk in RISKS if (value := result[f"{risk}_exposure"]) is not None}
    thresholds = {value_rank.id: value_rank.starts for value_rank in tables.pressures}
    rank = {
        risk: (sum(value >= thresholds[risk][tier] for tier in TIERS[1:]), value / thresholds[risk]["severe"])
        for risk, value in known.items()
    }
    highest = max(rank.values(), default=None)
    driver = next((risk for risk, value_rank in rank.items() if value_rank == highest and value_rank > (0, 0)), None)
    is_certain = highest is not None and (len(known) == len(RISKS) or highest[0] == len(TIERS) - 1)
    tier = TIERS[highest[0]] if highest is not None and is_certain else REFERRED
    return {"case_exposure": max(known.values(), default=None), "case_driver": driver, "case_tier": tier}


def _review_notification(case: PlainRow, item: TransferItem, facts: PlainRow, tables: TransferTables) -> dict[str, Any]:
    clause = next(
        entry
        for entry in tables.notifications
        if case["programme"] in entry.programmes and (not entry.items or item.id in entry.items)
    )
    threshold = _find_notification_threshold(clause, case, item, facts["group"])
    group_text = {True: "yes", False: "no", None: "unknown"}[facts["group"]]
    notification = notice.describe_notification(clause, threshold, group_text)
    return {"notification": notification[0], "notification_days": notification[1], "happened": threshold}


def _find_notification_threshold(
    clause: NotificationClause, case: PlainRow, item: TransferItem, group: bool | None
) -> str:
    value, years = case["value_usd"], case["support_years"]
    major = case["major_defense_equipment"]
    if major is None and item.never_major:
        major = False
    for threshold in clause.thresholds:
        usd = threshold.group_usd if group else threshold.usd
        if threshold.counts in ("always", "never"):
            return "always" if threshold.counts == "always" else "below"
        if threshold.counts == "years" and threshold.years is not None:
            return "ask_years" if years is None else "years" if years >= threshold.years else "below"
        if usd is not None and value is None:
            return "ask_value"
        if threshold.counts == "all" and usd is not None and value >= usd:
            return "all"
    equipment = clause.find_threshold("major_equipment")
    if (
        equipment is not None
        and value >= ((equipment.group_usd if group else equipment.usd) or 0)
        and major is not False
    ):
        return "equipment" if major else "ask_equipment"
    return "ask_clause" if clause.find_threshold("ask") else "below"


def _build_package(
    case: PlainRow, user: EndUser, bases: Mapping[str, tuple[int, int | None]], answered: bool, plain: PlainInputs
) -> dict[str, str]:
    columns: dict[str, list[str]] = {name: [] for name in COLUMN_KINDS}
    program_entry = next(program for program in plain.tables.programmes if program.id == case["programme"])
    for decision in plain.decisions_by_partner.get(case["partner"], []):
        rule, entry = plain.rules_by_id[decision["rule"]], plain.applicability_by_rule.get(decision["rule"])
        if isinstance(rule, PolicyRule) and not set(rule.programmes) & set(program_entry.rules):
            continue
        if entry is not None and not _check_applicability(entry, case, user, bases, plain.tables.matters_from):
            continue
        if entry is not None and entry.until_answered and answered:
            continue
        if decision["kind"] == "trigger":
            reaches = entry is None or not entry.reaches or case["programme"] in entry.reaches
            columns["triggers" if decision["result"] == "applies" and reaches else "triggers_asked"].append(rule.id)
        else:
            columns[next(name for name, kind in COLUMN_KINDS.items() if kind == decision["kind"])].append(rule.id)
    return {name: ";".join(ids) for name, ids in columns.items()}


def _check_applicability(
    entry: RuleApplicability, case: PlainRow, user: EndUser, bases: Mapping[str, tuple[int, int | None]], from_: int
) -> bool:
    users = {user.id, *user.together}
    pairs = [bases[risk][1] for risk in entry.risks]
    return (
        (not entry.programmes or case["programme"] in entry.programmes)
        and (not entry.items or case["item"] in entry.items)
        and (not entry.users or bool(users & set(entry.users)))
        and (not pairs or any(pair is None or pair >= from_ for pair in pairs))
    )


def _list_questions(
    case: PlainRow,
    result: PlainRow,
    bases: Mapping[str, tuple[int, int | None]],
    facts: PlainRow,
    tables: TransferTables,
) -> list[str]:
    unknown = {
        **{name: case[name] is None for name in ("value_usd", "quantity", "support_years")},
        "major_defense_equipment": result["happened"] == "ask_equipment",
        "pairing": bases[RISKS[0]][1] is None,
        "pressure": any(facts[f"{risk}_pressure"] is None for risk in RISKS),
        "notice_list": facts["group"] is None,
        "trigger": bool(result["triggers_asked"]),
    }
    return [
        question.id
        for question in tables.questions
        if _check_scope(question, case) and (question.unknown is None or unknown[question.unknown])
    ]


def _check_scope(scope: CaseScope, case: PlainRow) -> bool:
    fields = (("programmes", "programme"), ("items", "item"), ("users", "end_user"), ("objectives", "objective"))
    return all(not (allowed := getattr(scope, part)) or case[field] in allowed for part, field in fields)
