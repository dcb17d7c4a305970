"""Everything the memo on one case says, as a plain dict of words and rounded numbers; nothing here draws."""

from collections.abc import Mapping, Sequence
from typing import Any

from features.bad_input import BadInput
from risk.report.formatting import amount, counted, horizon, percent, phrase, spread, whole
from risk.report.inputs import Given, Row
from risk.report.labels import POSTURES, STATUSES
from risk.report.memo.bottom_line import bottom_line, parted
from risk.report.memo.gaps import gaps
from risk.report.memo.wording import NO_OFFRAMP, RISKS, TIER_STARTS, WARNING
from risk.report.partner.decisions import IN_ORDER, by_kind

Words = Mapping[str, Any]
PACKAGE = {
    "positive_condition": "conditions",
    "redline": "redlines",
    "offramp": "offramps",
    "message": "messages",
    "check": "checks",
}
TERMS = {
    "use_terms": "written terms of use",
    "serial_audit": "an audit by serial number",
    "sustainment_hold": "a hold on sustainment",
}
CARD = ("source", "title", "release", "accessed", "address")


def memo_summary(row: Mapping[str, Any], given: Given, words: Words) -> Row:
    """All that the memo on one case says; BadInput where its partner is not in the last run.

    row: one row of the results of case review, and whatever else the case gave, such as a note. words: item, user,
    objective and programme, each by key a title and, where there are any, because, source and url (texts); question,
    safer and rule: texts by id; risk: by key the outcome that is forecast or none, because (a text) and starts (the
    exposure from which each tier begins); warning: a text.

    id, title, iso3, partner, region, origin, horizon, decided, tier, partner_tier (texts, the tier none where sent
    back). sent_back: why and what to write, or nothing. proposed: pairs of what and how. bottom_line: two sentences.
    weighed: whether it was weighed or sent back. risks: risk, name, item, user, pair, pressure, kind, exposure, tier,
    because (texts), high (share at which high begins), bars (told, share 0 to 1 or none, look), question: whether the
    pair is for the reviewer. grounds: what, title, because, source, url, of item and user. trigger, check,
    positive_condition, redline, offramp, message: decisions, see package.decision; others: by kind, what the case asks
    and no decision on the partner does. left_out: by kind, what is said where no decision is kept. lacks_offramp:
    whether the tier asks for an offramp and none is kept. notification: clause, days, because, told. record: texts.
    forecasts: name, probability, interval, status, tier. standing: pairs. posture (a text), questions, safer, unknown:
    texts. sources: a card each. warning: a text.
    """
    partner = given.partners.get(row["iso3"])
    if partner is None:
        raise BadInput(f"case {row['id']!r}: partner {row['iso3']!r} is not in the last run, expected one that is")
    score = given.scores[row["iso3"]][0]
    plan, others = _narrowed(row, given, words)
    lacks_offramp = row["case_tier"] in ("high", "severe") and not (plan["offramp"] or others["offramp"])
    risks = [_risk(name, row, words) for name in RISKS]
    item, user = _named("item", row["item"], words), _named("user", row["end_user"], words)
    summary: Row = {
        "id": str(row["id"]),
        "title": f"{item['title']} for {partner['partner']}",
        **{key: score[key] for key in ("iso3", "partner", "region", "origin")},
        "horizon": horizon(score),
        "decided": given.record.get("decided_as_of"),
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
        "standing": [(label, _of_100(partner[key])) for key, label in _INDICES.items()],
        "posture": POSTURES[partner["posture"]],
        "questions": [NO_OFFRAMP] * lacks_offramp
        + [words["question"].get(key, key) for key in parted(row["questions"])],
        "safer": [words["safer"].get(key, key) for key in parted(row["safer"])],
        "sources": [{key: card[key] for key in CARD} for card in given.sources],
        "warning": words.get("warning") or WARNING,
    }
    summary["unknown"] = gaps(row, summary, score) if summary["weighed"] else []
    return summary | {"bottom_line": bottom_line(row, summary)}


_INDICES = {"strategic_value": "Strategic value", "leverage": "Leverage"}


def _named(kind: str, key: Any, words: Words) -> Row:
    """What a key of the case stands for; one that the tables lack speaks for itself."""
    entry = words[kind].get(key) or {}
    other = key.removeprefix("other:").strip() if isinstance(key, str) and key.startswith("other:") else None
    title = other or entry.get("title") or phrase(str(key)) if key else "not given"
    what = {"item": "Item", "user": "End user"}.get(kind, phrase(kind))
    return {"what": what, "title": title, **{name: entry.get(name) for name in ("because", "source", "url")}}


def _proposed(row: Mapping[str, Any], item: Row, user: Row, words: Words) -> list[tuple[str, str]]:
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


def _risk(name: str, row: Mapping[str, Any], words: Words) -> Row:
    item, user, pair, pressure, exposure = (
        row[f"{name}_{part}"] for part in ("item", "user", "pair", "pressure", "exposure")
    )
    known = words["risk"].get(name, {})
    forecast, starts = known.get("forecast"), known.get("starts", {})
    said = {"pair": _of_4(pair), "pressure": percent(pressure) or "not known", "exposure": _exposure(exposure)}
    shares = {
        "exposure": (None if exposure is None else exposure / 100, "fill"),
        "pair": (None if pair is None else pair / 4, "ring"),
        "pressure": (pressure, "band"),
    }
    return {
        "risk": name,
        "name": RISKS[name],
        "item": _score(item),
        "user": _score(user),
        **said,
        "tier": _tier(exposure, starts),
        "high": starts["high"] / 100 if "high" in starts else None,
        "kind": f"forecast of {forecast}" if forecast else "judgement from facts",
        "because": known.get("because"),
        "question": pair is None,
        "bars": [
            {"told": f"{phrase(part)} {said[part]}", "share": share, "look": look}
            for part, (share, look) in shares.items()
        ],
    }


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


def _sent_back(row: Mapping[str, Any], words: Words) -> list[str]:
    """Why the case was sent back, and what a good statement of its objective names, unless that is said already."""
    if row["result"] != "sent_back":
        return []
    told = [row["sent_back_because"] or "No reason was given."]
    asks = (words["objective"].get(row["objective"]) or {}).get("asks")
    return told + [f"Say {asks}."] * bool(asks and asks not in told[0])


def _narrowed(row: Mapping[str, Any], given: Given, words: Words) -> tuple[Row, dict[str, list[str]]]:
    """The decisions on the partner that the case names, by kind, and what it names beyond them."""
    asked = {kind: parted(row[column]) for kind, column in PACKAGE.items()}
    asked["trigger"] = parted(row["triggers"]) + parted(row["triggers_asked"])
    rows = [line for line in given.decisions.get(row["iso3"], []) if line["rule"] in asked[line["kind"]]]
    plan = by_kind(rows, given)
    for item in plan["trigger"]:
        item["refer"] = item["refer"] or item["id"] not in parted(row["triggers"])
    found = {line["rule"] for line in rows}
    beyond = {
        kind: [words["rule"].get(key, phrase(key)) for key in asked[kind] if key not in found]
        for kind in ("trigger", *IN_ORDER)
    }
    return plan, beyond


def _left_out(decisions: Sequence[Row]) -> dict[str, str]:
    """By kind, what is said where none of the partner's decisions is kept: that it has none, or which were left out."""
    told = {}
    for kind in IN_ORDER:
        titles = [line["title"] for line in decisions if line["kind"] == kind]
        number = counted(len(titles), phrase(kind).lower())
        of = (
            f"The partner’s {number} does not concern"
            if len(titles) == 1
            else f"None of the partner’s {number} concerns"
        )
        told[kind] = (
            f"{of} this programme, item and user: {'; '.join(titles)}." if titles else "None set off by the partner."
        )
    return told


def _notification(row: Mapping[str, Any]) -> Row:
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


def _forecast(score: Row) -> Row:
    return {
        "name": phrase(score["outcome"]),
        "probability": percent(score["probability"]) or "not given",
        "interval": spread(score["low"], score["high"]) or "–",
        "status": STATUSES[score["status"]],
        "tier": score["tier"],
    }
