"""Everything the memo on one case says, as a plain dict of words and rounded numbers; nothing here draws."""

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
from risk.report.formatting import amount, counted, percent, phrase, spread, whole
from risk.report.inputs import Given
from risk.report.labels import POSTURES, STATUSES
from risk.report.memo.bottom_line import bottom_line, parted
from risk.report.memo.gaps import gaps, read_scores
from risk.report.memo.wording import NO_OFFRAMP, RISKS, TIER_STARTS, WARNING
from risk.report.partner.decisions import by_kind
from risk.report.partner.summary import cite_source, read_identity

TERMS: Mapping[Term, str] = {
    "use_terms": "written terms of use",
    "serial_audit": "an audit by serial number",
    "sustainment_hold": "a hold on sustainment",
}


def memo_summary(row: CaseRow, given: Given, words: TransferWords) -> MemoPage:
    """All that the memo on one case says; BadInput where its partner is not in the last run."""
    partner = given.partners.get(row["iso3"])
    if partner is None:
        raise BadInput(f"case {row['id']!r}: partner {row['iso3']!r} is not in the last run, expected one that is")
    score = given.scores[row["iso3"]][0]
    plan, others = _narrowed(row, given, words)
    lacks_offramp = row["case_tier"] in ("high", "severe") and not (plan["offramp"] or others["offramp"])
    risks = [_risk(name, row, words) for name in RISKS]
    item, user = _named("item", row["item"], words), _named("user", row["end_user"], words)
    facts: MemoFacts = {
        "id": str(row["id"]),
        "title": f"{item['title']} for {partner['partner']}",
        **read_identity(score, given),
        "sent_back": _sent_back(row, words),
        "tier": row["case_tier"],
        "partner_tier": partner["tier"],
        "proposed": _proposed(row, item, user, words),
        "risks": risks,
        "weighed": row["result"] != "sent_back",
        "grounds": [item, user],
        **plan,
        "others": others,
        "left_out": _left_out(given.decisions.get(row["iso3"], [])),
        "lacks_offramp": lacks_offramp,
        "notification": _notification(row),
        "record": parted(row["record"]) or ["No fact on record raised the scores of this item and user together."],
        "forecasts": [_forecast(score) for score in given.scores[row["iso3"]]],
        "standing": [
            ("Strategic value", _of_100(partner["strategic_value"])),
            ("Leverage", _of_100(partner["leverage"])),
        ],
        "posture": POSTURES[partner["posture"]],
        "questions": [NO_OFFRAMP] * lacks_offramp
        + [words["question"].get(key, key) for key in parted(row["questions"])],
        "safer": [words["safer"].get(key, key) for key in parted(row["safer"])],
        "sources": [cite_source(card) for card in given.sources],
        "warning": words.get("warning") or WARNING,
    }
    unknown = gaps(row, facts, score) if facts["weighed"] else []
    return {**facts, "unknown": unknown, "bottom_line": bottom_line(row, facts)}


def _named(kind: TransferKind, key: str | None, words: TransferWords) -> Ground:
    """What a key of the case stands for; one that the tables lack speaks for itself."""
    entry = words[kind].get(key or "")
    other = key.removeprefix("other:").strip() if key and key.startswith("other:") else None
    title = other or (entry and entry["title"]) or phrase(key) if key else "not given"
    return {
        "what": {"item": "Item", "user": "End user"}.get(kind, phrase(kind)),
        "title": title,
        "because": entry.get("because") if entry else None,
        "source": entry.get("source") if entry else None,
        "url": entry.get("url") if entry else None,
    }


def _proposed(row: CaseRow, item: Ground, user: Ground, words: TransferWords) -> list[tuple[str, str]]:
    terms = [label for key, label in TERMS.items() if row.get(key)]
    equipment = row.get("major_defense_equipment")
    pairs = {
        "Partner": f"{row['partner']} ({row['iso3']})",
        "Programme": _named("programme", row["programme"], words)["title"],
        "Item": item["title"],
        "Quantity": amount(row["quantity"], None),
        "Value": amount(row["value_usd"], "US dollars"),
        "End user": user["title"],
        "Objective": _named("objective", row["objective"], words)["title"],
        "Gap in plans it closes": row["gap"] or "not given",
        "Support": "not given" if row["support_years"] is None else f"{amount(row['support_years'], None)} years",
        "Proposed": str(row["proposed"] or "not given"),
        "Major defense equipment": "not said" if equipment is None else "yes" if equipment else "no",
        "Terms already written": ", ".join(terms) or "none",
        "Note": str(row.get("note") or ""),
    }
    return [(name, said) for name, said in pairs.items() if said]


def _risk(name: Risk, row: CaseRow, words: TransferWords) -> CaseRisk:
    scores, known = read_scores(row, name), words["risk"].get(name) or RiskWords()
    pair, pressure, exposure = scores["pair"], scores["pressure"], scores["exposure"]
    forecast, starts = known.get("forecast"), known.get("starts", {})
    pressed = percent(pressure) or "not known"
    return {
        "risk": name,
        "name": RISKS[name],
        "item": _score(scores["item"]),
        "user": _score(scores["user"]),
        "pair": _of_4(pair),
        "pressure": pressed,
        "exposure": _exposure(exposure),
        "tier": _tier(exposure, starts),
        "high": starts["high"] / 100 if "high" in starts else None,
        "kind": f"forecast of {forecast}" if forecast else "judgement from facts",
        "because": known.get("because"),
        "question": pair is None,
        "bars": [
            _bar(f"Exposure {_exposure(exposure)}", None if exposure is None else exposure / 100, "fill"),
            _bar(f"Pair {_of_4(pair)}", None if pair is None else pair / 4, "ring"),
            _bar(f"Pressure {pressed}", pressure, "band"),
        ],
    }


def _bar(told: str, share: float | None, look: str) -> CaseBar:
    return {"told": told, "share": share, "look": look}


def _of_4(score: int | None) -> str:
    return "not known" if score is None else f"{score} of 4"


def _score(score: int | None) -> str:
    return "–" if score is None else str(score)


def _tier(exposure: float | None, starts: Mapping[str, float]) -> str | None:
    """The tier in which an exposure lies; each risk has starts of its own, so that exposures do not compare."""
    if exposure is None or not starts:
        return None
    return next((tier for tier in reversed(TIER_STARTS) if tier in starts and exposure >= starts[tier]), "low")


def _exposure(value: float | None) -> str:
    return "not known" if value is None else f"{value:.0f}"


def _of_100(value: float | None) -> str:
    rounded = whole(value)
    return "not known" if rounded is None else f"{rounded} of 100"


def _sent_back(row: CaseRow, words: TransferWords) -> list[str]:
    """Why the case was sent back, and what a good statement of its objective names, unless that is said already."""
    if row["result"] != "sent_back":
        return []
    told = [row["sent_back_because"] or "No reason was given."]
    objective = words["objective"].get(row["objective"] or "")
    asks = objective.get("asks") if objective else None
    return told + [f"Say {asks}."] * bool(asks and asks not in told[0])


def _narrowed(row: CaseRow, given: Given, words: TransferWords) -> tuple[Plan, Beyond]:
    """The decisions on the partner that the case names, by kind, and what it names beyond them."""
    asked: dict[Kind, list[str]] = {
        "trigger": parted(row["triggers"]) + parted(row["triggers_asked"]),
        "check": parted(row["checks"]),
        "positive_condition": parted(row["conditions"]),
        "redline": parted(row["redlines"]),
        "offramp": parted(row["offramps"]),
        "message": parted(row["messages"]),
    }
    rows = [line for line in given.decisions.get(row["iso3"], []) if line["rule"] in asked[line["kind"]]]
    plan = by_kind(rows, given)
    for item in plan["trigger"]:
        item["refer"] = item["refer"] or item["id"] not in parted(row["triggers"])
    found = {line["rule"] for line in rows}
    beyond = {
        kind: [words["rule"].get(key, phrase(key)) for key in ids if key not in found] for kind, ids in asked.items()
    }
    return plan, {
        "trigger": beyond["trigger"],
        "check": beyond["check"],
        "positive_condition": beyond["positive_condition"],
        "redline": beyond["redline"],
        "offramp": beyond["offramp"],
        "message": beyond["message"],
    }


def _left_out(decisions: Sequence[DecisionRow]) -> LeftOut:
    """By kind, what is said where none of the partner's decisions is kept: that it has none, or which were left out."""
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
    number = counted(len(titles), phrase(kind).lower())
    of = f"The partner’s {number} does not concern" if len(titles) == 1 else f"None of the partner’s {number} concerns"
    return f"{of} this programme, item and user: {'; '.join(titles)}."


def _notification(row: CaseRow) -> Notification:
    """Whether Congress is told, under which clause and how long before."""
    clause, days = row["notification"] or "ask", row["notification_days"]
    if clause == "none":
        told = "No notification to Congress is due by the amounts given."
    elif clause == "ask":
        told = "Whether Congress must be notified is for the reviewer to settle."
    else:
        before = f"{days} calendar days before" if days else "for a time that is not known"
        told = f"Congress is notified under {clause}, {before}."
    return {"clause": clause, "days": days, "because": row["notification_because"], "told": told}


def _forecast(score: ScoreRow) -> Forecast:
    return {
        "name": phrase(score["outcome"]),
        "probability": percent(score["probability"]) or "not given",
        "interval": spread(score["low"], score["high"]) or "–",
        "status": STATUSES[score["status"]],
        "tier": score["tier"],
    }
