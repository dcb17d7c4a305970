"""The content of a case memo, as a plain dict of texts and rounded numbers; nothing is drawn here."""

from collections.abc import Mapping, Sequence

from features.bad_input import BadInput
from risk.outputs.table_rows import DecisionRow, Kind, ScoreRow
from risk.report.contracts.input_types import RiskWords, TransferKind, TransferWords
from risk.report.contracts.memo import (
    Beyond,
    CaseBar,
    CaseRisk,
    CaseRow,
    Forecast,
    Ground,
    LeftOut,
    MemoFacts,
    MemoPage,
    Notification,
    Risk,
    Term,
)
from risk.report.contracts.plan import Plan
from risk.report.formatting import (
    format_amount,
    format_count,
    format_interval,
    format_name,
    format_percent,
    round_index,
)
from risk.report.inputs import ReportInputs
from risk.report.labels import POSTURE_TEXTS, STATUS_LABELS
from risk.report.memo.bottom_line import format_bottom_line, split_ids
from risk.report.memo.gaps import list_case_gaps, read_scores
from risk.report.memo.wording import NO_OFFRAMP, RISK_NAMES, SCORE_WARNING, THRESHOLD_TIERS
from risk.report.partner.decisions import group_by_kind
from risk.report.partner.summary import cite_source, read_identity

TERM_LABELS: Mapping[Term, str] = {
    "use_terms": "written terms of use",
    "serial_audit": "an audit by serial number",
    "sustainment_hold": "a hold on sustainment",
}


def summarize_memo(row: CaseRow, inputs: ReportInputs, texts: TransferWords) -> MemoPage:
    """Summarize one case for its memo; BadInput if its partner is not in the last run."""
    partner = inputs.partners.get(row["iso3"])
    if partner is None:
        raise BadInput(f"case {row['id']!r}: partner {row['iso3']!r} is not in the last run; use one that is")
    score = inputs.scores[row["iso3"]][0]
    plan, others = _select_case_decisions(row, inputs, texts)
    lacks_offramp = row["case_tier"] in ("high", "severe") and not (plan["offramp"] or others["offramp"])
    risks = [_describe_case_risk(name, row, texts) for name in RISK_NAMES]
    item, user = _describe_table_key("item", row["item"], texts), _describe_table_key("user", row["end_user"], texts)
    facts: MemoFacts = {
        "id": str(row["id"]),
        "title": f"{item['title']} for {partner['partner']}",
        **read_identity(score, inputs),
        "sent_back": _explain_sent_back(row, texts),
        "tier": row["case_tier"],
        "partner_tier": partner["tier"],
        "proposed": _list_proposal(row, item, user, texts),
        "risks": risks,
        "weighed": row["result"] != "sent_back",
        "grounds": [item, user],
        **plan,
        "others": others,
        "left_out": _describe_dropped_decisions(inputs.decisions.get(row["iso3"], [])),
        "lacks_offramp": lacks_offramp,
        "notification": _describe_notification(row),
        "record": split_ids(row["record"]) or ["No fact on record raised the scores of this item and user together."],
        "forecasts": [_describe_forecast(score) for score in inputs.scores[row["iso3"]]],
        "standing": [
            ("Strategic value", _format_index(partner["strategic_value"])),
            ("Leverage", _format_index(partner["leverage"])),
        ],
        "posture": POSTURE_TEXTS[partner["posture"]],
        "questions": [NO_OFFRAMP] * lacks_offramp
        + [texts["question"].get(key, key) for key in split_ids(row["questions"])],
        "safer": [texts["safer"].get(key, key) for key in split_ids(row["safer"])],
        "sources": [cite_source(card) for card in inputs.sources],
        "warning": texts.get("warning") or SCORE_WARNING,
    }
    unknown = list_case_gaps(row, facts, score) if facts["weighed"] else []
    return {**facts, "unknown": unknown, "bottom_line": format_bottom_line(row, facts)}


def _describe_table_key(kind: TransferKind, key: str | None, words: TransferWords) -> Ground:
    """Describe a key of the case from its table; a key that is not in the table is shown as a name."""
    entry = words[kind].get(key or "")
    other = key.removeprefix("other:").strip() if key and key.startswith("other:") else None
    title = other or (entry and entry["title"]) or format_name(key) if key else "not given"
    return {
        "what": {"item": "Item", "user": "End user"}.get(kind, format_name(kind)),
        "title": title,
        "because": entry.get("because") if entry else None,
        "source": entry.get("source") if entry else None,
        "url": entry.get("url") if entry else None,
    }


def _list_proposal(row: CaseRow, item: Ground, user: Ground, words: TransferWords) -> list[tuple[str, str]]:
    terms = [label for key, label in TERM_LABELS.items() if row.get(key)]
    equipment = row.get("major_defense_equipment")
    pairs = {
        "Partner": f"{row['partner']} ({row['iso3']})",
        "Programme": _describe_table_key("programme", row["programme"], words)["title"],
        "Item": item["title"],
        "Quantity": format_amount(row["quantity"], None),
        "Value": format_amount(row["value_usd"], "US dollars"),
        "End user": user["title"],
        "Objective": _describe_table_key("objective", row["objective"], words)["title"],
        "Gap in plans it closes": row["gap"] or "not given",
        "Support": "not given"
        if row["support_years"] is None
        else f"{format_amount(row['support_years'], None)} years",
        "Proposed": str(row["proposed"] or "not given"),
        "Major defense equipment": "not said" if equipment is None else "yes" if equipment else "no",
        "Terms already written": ", ".join(terms) or "none",
        "Note": str(row.get("note") or ""),
    }
    return [(name, value) for name, value in pairs.items() if value]


def _describe_case_risk(name: Risk, row: CaseRow, words: TransferWords) -> CaseRisk:
    scores, risk_texts = read_scores(row, name), words["risk"].get(name) or RiskWords()
    pair, pressure, exposure = scores["pair"], scores["pressure"], scores["exposure"]
    forecast, starts = risk_texts.get("forecast"), risk_texts.get("starts", {})
    pressure_text = format_percent(pressure) or "not known"
    return {
        "risk": name,
        "name": RISK_NAMES[name],
        "item": _format_pair_score(scores["item"]),
        "user": _format_pair_score(scores["user"]),
        "pair": _format_score_of_4(pair),
        "pressure": pressure_text,
        "exposure": _format_exposure(exposure),
        "tier": _find_tier(exposure, starts),
        "high": starts["high"] / 100 if "high" in starts else None,
        "kind": f"forecast of {forecast}" if forecast else "judgement from facts",
        "because": risk_texts.get("because"),
        "question": pair is None,
        "bars": [
            _bar(f"Exposure {_format_exposure(exposure)}", None if exposure is None else exposure / 100, "fill"),
            _bar(f"Pair {_format_score_of_4(pair)}", None if pair is None else pair / 4, "ring"),
            _bar(f"Pressure {pressure_text}", pressure, "band"),
        ],
    }


def _bar(text: str, share: float | None, look: str) -> CaseBar:
    return {"told": text, "share": share, "look": look}


def _format_score_of_4(score: int | None) -> str:
    return "not known" if score is None else f"{score} of 4"


def _format_pair_score(score: int | None) -> str:
    return "–" if score is None else str(score)


def _find_tier(exposure: float | None, starts: Mapping[str, float]) -> str | None:
    """Find the tier of an exposure; each risk has its own starts, so exposures are not comparable across risks."""
    if exposure is None or not starts:
        return None
    return next((tier for tier in reversed(THRESHOLD_TIERS) if tier in starts and exposure >= starts[tier]), "low")


def _format_exposure(value: float | None) -> str:
    return "not known" if value is None else f"{value:.0f}"


def _format_index(value: float | None) -> str:
    rounded = round_index(value)
    return "not known" if rounded is None else f"{rounded} of 100"


def _explain_sent_back(row: CaseRow, words: TransferWords) -> list[str]:
    """Explain why the case was sent back and what a good statement of its objective names, unless already included."""
    if row["result"] != "sent_back":
        return []
    reasons = [row["sent_back_because"] or "No reason was given."]
    objective = words["objective"].get(row["objective"] or "")
    asks = objective.get("asks") if objective else None
    return reasons + [f"Say {asks}."] * bool(asks and asks not in reasons[0])


def _select_case_decisions(row: CaseRow, inputs: ReportInputs, words: TransferWords) -> tuple[Plan, Beyond]:
    """Select the partner's decisions that the case names, by kind, and the rules it names beyond them."""
    case_ids: dict[Kind, list[str]] = {
        "trigger": split_ids(row["triggers"]) + split_ids(row["triggers_asked"]),
        "check": split_ids(row["checks"]),
        "positive_condition": split_ids(row["conditions"]),
        "redline": split_ids(row["redlines"]),
        "offramp": split_ids(row["offramps"]),
        "message": split_ids(row["messages"]),
    }
    rows = [line for line in inputs.decisions.get(row["iso3"], []) if line["rule"] in case_ids[line["kind"]]]
    plan = group_by_kind(rows, inputs)
    for item in plan["trigger"]:
        item["refer"] = item["refer"] or item["id"] not in split_ids(row["triggers"])
    partner_rules = {line["rule"] for line in rows}
    beyond = {
        kind: [words["rule"].get(key, format_name(key)) for key in ids if key not in partner_rules]
        for kind, ids in case_ids.items()
    }
    return plan, {
        "trigger": beyond["trigger"],
        "check": beyond["check"],
        "positive_condition": beyond["positive_condition"],
        "redline": beyond["redline"],
        "offramp": beyond["offramp"],
        "message": beyond["message"],
    }


def _describe_dropped_decisions(decisions: Sequence[DecisionRow]) -> LeftOut:
    """Describe by kind that the partner has no decisions, or which were left out, for use if none is kept."""
    return {
        "check": _none_kept("check", decisions),
        "positive_condition": _none_kept("positive_condition", decisions),
        "redline": _none_kept("redline", decisions),
        "offramp": _none_kept("offramp", decisions),
        "message": _none_kept("message", decisions),
    }


def _none_kept(kind: Kind, decisions: Sequence[DecisionRow]) -> str:
    titles = [line["title"] for line in decisions if line["kind"] == kind]
    if not titles:
        return "None set off by the partner."
    number = format_count(len(titles), format_name(kind).lower())
    of = f"The partner’s {number} does not concern" if len(titles) == 1 else f"None of the partner’s {number} concerns"
    return f"{of} this programme, item and user: {'; '.join(titles)}."


def _describe_notification(row: CaseRow) -> Notification:
    """Describe whether Congress is notified, under which clause and how long before."""
    clause, days = row["notification"] or "ask", row["notification_days"]
    if clause == "none":
        text = "No notification to Congress is due by the amounts given."
    elif clause == "ask":
        text = "Whether Congress must be notified is for the reviewer to settle."
    else:
        before = f"{days} calendar days before" if days else "for a time that is not known"
        text = f"Congress is notified under {clause}, {before}."
    return {"clause": clause, "days": days, "because": row["notification_because"], "told": text}


def _describe_forecast(score: ScoreRow) -> Forecast:
    return {
        "name": format_name(score["outcome"]),
        "probability": format_percent(score["probability"]) or "not given",
        "interval": format_interval(score["low"], score["high"]) or "–",
        "status": STATUS_LABELS[score["status"]],
        "tier": score["tier"],
    }
