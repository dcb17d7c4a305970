"""The review of one case in plain Python, rule by rule: slow, and the measure and the check of the review of many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from risk.cases import congress_notice as notice
from risk.cases.package import COLUMN_KINDS
from risk.cases.pair_scores import compute_pair_score
from risk.cases.reading.fields import TERM_FIELDS
from risk.cases.tables.loading import TransferTables
from risk.cases.tables.schema import (
    HIGHEST_SCORE,
    RISKS,
    CaseScope,
    EndUser,
    NotificationClause,
    RuleApplicability,
    TransferItem,
)
from risk.rules.rule_types import PolicyRule, Rule
from risk.vocabulary import REFERRED, TIERS

PlainRow = Mapping[str, Any]


@dataclass(frozen=True)
class PlainInputs:
    """The tables, the facts of each partner, the decisions and the rules, as plain values."""

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
        lines: dict[str, list[PlainRow]] = {}
        for row in self.decisions:
            lines.setdefault(row["iso3"], []).append(row)
        return lines

    @cached_property
    def rules_by_id(self) -> dict[str, Rule]:
        """Rules by id."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def applicability_by_rule(self) -> dict[str, RuleApplicability]:
        """What narrows a rule, by rule."""
        return {name: one for one in self.tables.narrowing for name in one.rules}


def review_case_plainly(case: PlainRow, plain: PlainInputs) -> dict[str, Any]:
    """What the review of many gives for one checked case, in the columns that are worked out rather than copied."""
    tables, facts = plain.tables, plain.facts_by_partner[case["partner"]]
    item = next(one for one in tables.items if one.id == case["item"])
    user = next(one for one in tables.end_users if one.id == case["end_user"])
    if _check_vague_gap(case, tables):
        return _build_empty_review()
    bases = _compute_base_pairs(item, user, tables)
    found: dict[str, Any] = {}
    for risk, (own, base) in bases.items():
        found |= _score_risk(risk, (own, getattr(item.scores, risk)), base, case, facts, tables)
    found |= _select_tier(found, tables)
    found |= _review_notification(case, item, facts, tables)
    found |= _build_package(case, user, bases, found["notification"] != "ask", plain)
    found["questions"] = ";".join(_list_questions(case, found, bases, facts, tables))
    ways = [one.id for one in tables.safer if _check_scope(one, case)]
    found["safer"] = ";".join([f"swap_{item.id}"] * bool(item.swap) + ways)
    return found


def _build_empty_review() -> dict[str, Any]:
    names = [f"{risk}_{what}" for risk in RISKS for what in ("pair", "exposure")]
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
    """By risk: the user's own score, and the pair before record and terms."""
    users = {one.id: one for one in tables.end_users}
    single = [users[name] for name in user.together] or [user]
    pairs = next(one for one in tables.pairs if one.item == item.id)
    bases: dict[str, tuple[int, int | None]] = {}
    for risk in RISKS:
        own = [getattr(one.scores, risk) for one in single]
        base = [
            max(compute_pair_score(getattr(item.scores, risk), score), pairs.raised.get(one.id, {}).get(risk, 0))
            for one, score in zip(single, own, strict=True)
            if one.id in pairs.users
        ]
        bases[risk] = max(own), max(base) if base else None
    return bases


def _score_risk(
    risk: str, own: tuple[int, int], base: int | None, case: PlainRow, facts: PlainRow, tables: TransferTables
) -> dict[str, Any]:
    """own: the scores of user and item before they are paired."""
    entry = next(one for one in tables.pressures if one.id == risk)
    pair = base
    if base is not None:
        high = entry.record is not None and own[0] >= entry.record.users_from and own[1] >= entry.record.items_from
        raised = high and facts[f"{risk}_recorded"] and base > 0
        pair = min(HIGHEST_SCORE, max(0, base + raised - all(case[term] for term in TERM_FIELDS)))
    pressure = facts[f"{risk}_pressure"]
    exposure = None if pair is None or pressure is None else round(pair * (100 / HIGHEST_SCORE) * pressure, 4)
    return {f"{risk}_pair": pair, f"{risk}_exposure": exposure}


def _select_tier(found: PlainRow, tables: TransferTables) -> dict[str, Any]:
    known = {risk: value for risk in RISKS if (value := found[f"{risk}_exposure"]) is not None}
    starts = {one.id: one.starts for one in tables.pressures}
    rank = {
        risk: (sum(value >= starts[risk][tier] for tier in TIERS[1:]), value / starts[risk]["severe"])
        for risk, value in known.items()
    }
    worst = max(rank.values(), default=None)
    driver = next((risk for risk, one in rank.items() if one == worst and one > (0, 0)), None)
    settled = worst is not None and (len(known) == len(RISKS) or worst[0] == len(TIERS) - 1)
    tier = TIERS[worst[0]] if worst is not None and settled else REFERRED
    return {"case_exposure": max(known.values(), default=None), "case_driver": driver, "case_tier": tier}


def _review_notification(case: PlainRow, item: TransferItem, facts: PlainRow, tables: TransferTables) -> dict[str, Any]:
    clause = next(
        one
        for one in tables.notifications
        if case["programme"] in one.programmes and (not one.items or item.id in one.items)
    )
    happened = _find_notification_threshold(clause, case, item, facts["group"])
    named = {True: "yes", False: "no", None: "unknown"}[facts["group"]]
    told = notice.describe_notification(clause, happened, named)
    return {"notification": told[0], "notification_days": told[1], "happened": happened}


def _find_notification_threshold(
    clause: NotificationClause, case: PlainRow, item: TransferItem, group: bool | None
) -> str:
    value, years = case["value_usd"], case["support_years"]
    major = case["major_defense_equipment"]
    if major is None and item.never_major:
        major = False
    for one in clause.thresholds:
        usd = one.group_usd if group else one.usd
        if one.counts in ("always", "never"):
            return "always" if one.counts == "always" else "below"
        if one.counts == "years" and one.years is not None:
            return "ask_years" if years is None else "years" if years >= one.years else "below"
        if usd is not None and value is None:
            return "ask_value"
        if one.counts == "all" and usd is not None and value >= usd:
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
    channel = next(one for one in plain.tables.programmes if one.id == case["programme"])
    for line in plain.decisions_by_partner.get(case["partner"], []):
        rule, entry = plain.rules_by_id[line["rule"]], plain.applicability_by_rule.get(line["rule"])
        if isinstance(rule, PolicyRule) and not set(rule.programmes) & set(channel.rules):
            continue
        if entry is not None and not _check_applicability(entry, case, user, bases, plain.tables.matters_from):
            continue
        if entry is not None and entry.until_answered and answered:
            continue
        if line["kind"] == "trigger":
            reaches = entry is None or not entry.reaches or case["programme"] in entry.reaches
            columns["triggers" if line["result"] == "applies" and reaches else "triggers_asked"].append(rule.id)
        else:
            columns[next(name for name, kind in COLUMN_KINDS.items() if kind == line["kind"])].append(rule.id)
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
    found: PlainRow,
    bases: Mapping[str, tuple[int, int | None]],
    facts: PlainRow,
    tables: TransferTables,
) -> list[str]:
    unknown = {
        **{name: case[name] is None for name in ("value_usd", "quantity", "support_years")},
        "major_defense_equipment": found["happened"] == "ask_equipment",
        "pairing": bases[RISKS[0]][1] is None,
        "pressure": any(facts[f"{risk}_pressure"] is None for risk in RISKS),
        "notice_list": facts["group"] is None,
        "trigger": bool(found["triggers_asked"]),
    }
    return [
        one.id for one in tables.questions if _check_scope(one, case) and (one.unknown is None or unknown[one.unknown])
    ]


def _check_scope(scope: CaseScope, case: PlainRow) -> bool:
    given = (("programmes", "programme"), ("items", "item"), ("users", "end_user"), ("objectives", "objective"))
    return all(not (held := getattr(scope, part)) or case[field] in held for part, field in given)
