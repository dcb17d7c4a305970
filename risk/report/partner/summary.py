"""Everything a partner's page says, as a plain dict of words and rounded numbers; nothing here draws."""

from collections.abc import Mapping
from typing import Any

from features.bad_input import BadInput
from features.vocabulary import OUTCOME_LABELS, OUTCOMES
from risk.report.formatting import chance, counted, horizon, listed, percent, phrase, spread, whole
from risk.report.inputs import Given, Row
from risk.report.labels import ADVICE, INDICES, POSTURES, STATUS_FROM, STATUSES
from risk.report.partner.decisions import package
from risk.report.partner.history import arms, money, record
from risk.report.partner.ledger_entries import entries
from risk.report.partner.peers import comparables, neighbours
from risk.report.partner.reasons import pushes, why
from risk.report.partner.unknowns import unknown

SOURCE = ("source", "title", "publisher", "release", "citation", "licence", "address", "accessed", "latest", "overdue")


def partner_summary(iso3: str, given: Given) -> Row:
    """All that one partner's page says; BadInput when the partner has no row in scores or in partners.

    iso3, partner, region, origin, horizon, decided (day or none), tier, posture, headline (texts).
    bottom_line: [where it stands, what to do], two sentences.
    risks: an outcome each, misuse first: outcome, name, label, probability, chance, interval, onset, base_rate,
        persistence, status, tier, rank.
    beside: misuse beside what else might be said: name, told, probability and interval (texts), share, low, high
        (0 to 1, or none).
    trigger, check, positive_condition, redline, offramp, message: decisions, see package.decision.
    cautions: title, because, precedents. benchmarks: sentences of recourse that no condition carries.
    reasons: an outcome each: name, label, themes (theme, effect, rows). raises, lowers: the weightiest facts of
        misuse: label, value, year, source, effect.
    record: told, or none; rows: origin, share, low, high, probability, interval, status, happened. past: its rows.
    arms: told, and periods with groups by supplier, see history.arms. money: years and series, see history.money.
    indices: name, label, value, parts (label, value), each 0 to 100 or none. leverage_reading: a sentence or none.
    neighbours, comparables: told, rows (iso3, partner, tier, probability, posture, strategic_value, differs).
    unknown: coverage, raters, no_status, missing, old, referred. sources: a card each, with the keys of SOURCE.
    read: the newest day on which a source was read.
    entries: what people put in the ledger, see entries.entries, or none.
    """
    partner, scores = given.partners.get(iso3), given.scores.get(iso3)
    if partner is None or not scores:
        missing = "partners" if partner is None else "scores"
        raise BadInput(f"report: {iso3} has no row in {missing}, expected one")
    by_outcome = {row["outcome"]: row for row in scores}
    risks = [_risk(by_outcome[name], given) for name in OUTCOMES]
    plan = package(iso3, given)
    raises, lowers = pushes(iso3, given)
    told = record(iso3, given)
    return {
        **_identity(scores[0]),
        **{key: partner[key] for key in ("tier", "headline")},
        "decided": given.record.get("decided_as_of"),
        "posture": POSTURES[partner["posture"]],
        "bottom_line": [_stands(partner, risks[0], scores[0]), _to_do(partner["posture"], plan)],
        "risks": risks,
        "beside": _beside(by_outcome["misuse"], risks[0], given),
        **plan,
        "reasons": [why(iso3, name, given) for name in OUTCOMES],
        "raises": raises,
        "lowers": lowers,
        "record": told,
        "past": told["rows"],
        "arms": arms(iso3, given.history),
        "money": money(iso3, given.history),
        "indices": [_index(name, partner[name], given.standing[iso3]) for name in INDICES],
        "leverage_reading": given.advice.leverage_reading.get(iso3),
        "neighbours": neighbours(iso3, given),
        "comparables": comparables(iso3, given),
        "unknown": unknown(iso3, given),
        "entries": entries(iso3, given),
        "sources": [{key: card[key] for key in SOURCE} for card in given.sources],
        "read": max(card["accessed"] for card in given.sources),
    }


def _identity(score: Row) -> Row:
    kept = {name: score[name] for name in ("iso3", "partner", "region", "origin")}
    return {**kept, "horizon": horizon(score)}


def _stands(partner: Row, risk: Row, score: Row) -> str:
    if partner["tier"] == "referred" or not risk["probability"]:
        return "Too little recent data to rely on a probability of misuse: a person must assess this partner."
    within = f", 90% interval {risk['interval']}" if risk["interval"] not in (None, risk["probability"]) else ""
    said = f"The chance of misuse in {horizon(score)} is {risk['chance']} ({risk['probability']}{within}), tier "
    said += partner["tier"]
    return (
        f"{said}; for all partners and years on record it is {risk['base_rate']}." if risk["base_rate"] else f"{said}."
    )


def _to_do(posture: str, plan: Mapping[str, Any]) -> str:
    """What the posture asks for, and how much of it the page holds."""
    bound = [item for item in plan["trigger"] if not item["refer"]]
    asked = len(plan["trigger"]) - len(bound)
    law = [counted(len(bound), "legal trigger binds now", "legal triggers bind now")] if bound else []
    law += [counted(asked, "legal list must be looked up", "legal lists must be looked up")] if asked else []
    kinds = ("positive_condition", "redline", "offramp")
    settled = {kind: sum(not item["refer"] for item in plan[kind]) for kind in kinds}
    planned = [counted(number, kind.replace("_", " ")) for kind, number in settled.items() if number]
    open_ = sum(len(plan[kind]) for kind in kinds) - sum(settled.values())
    told = [listed(law)] * bool(law) + [f"plan {listed(planned)}"] * bool(planned)
    told += [f"settle {counted(open_, 'rule that lacks a fact', 'rules that lack a fact')}"] * bool(open_)
    return f"{ADVICE[posture]}: {'; '.join(told)}." if told else f"{ADVICE[posture]}; no rule asks for more."


def _risk(score: Row, given: Given) -> Row:
    outcome = score["outcome"]
    return {
        "outcome": outcome,
        "name": phrase(outcome),
        "label": OUTCOME_LABELS[outcome],
        "probability": percent(score["probability"]),
        "chance": chance(score["probability"]),
        "interval": spread(score["low"], score["high"]),
        "onset": percent(score["onset_probability"]),
        "base_rate": percent(given.base_rates.get(outcome)),
        "persistence": percent(_persistence(score, given)),
        "status": STATUSES[score["status"]] + _status_years(score, given.standing[score["iso3"]]),
        "tier": score["tier"],
        "rank": f"{score['rank']} of {given.ranked[outcome]}" if score["rank"] else None,
    }


def _status_years(score: Row, standing: Mapping[str, Any]) -> str:
    """The years of the facts that a status rests on, which lie behind the origin by their publishers' lag."""
    ages = [standing.get(f"{measure}_age") for measure in STATUS_FROM[score["outcome"]]]
    years = sorted({int(score["origin"] - age) for age in ages if age is not None})
    return f", by facts up to {' and '.join(map(str, years))}" if years else ""


def _persistence(score: Row, given: Given) -> float | None:
    hits, cases = given.held.get((score["outcome"], score["status"]), (0, 0))
    return hits / cases if cases and score["status"] != "unknown" else None


def _beside(score: Row, risk: Row, given: Given) -> list[Row]:
    """The estimate, and what else one might say of misuse without it."""
    base, same = given.base_rates.get("misuse"), _persistence(score, given)
    cases = given.held.get(("misuse", score["status"]), (0, 0))[1]
    state = STATUSES[score["status"]].lower()
    by_state = f"how often misuse followed where it was {state}, {cases:,} cases at past origins"
    return [
        _line(
            "This estimate",
            risk["chance"] or "none: too little is known",
            score["probability"],
            score["low"],
            score["high"],
        ),
        _year_before(score, given),
        _line("All partners", "how often misuse followed, all years on record", base),
        _line("Persistence alone", by_state if same is not None else None, same),
    ]


def _line(name: str, told: str | None, share: float | None, low: float | None = None, high: float | None = None) -> Row:
    words = {"probability": percent(share) or "not known", "interval": spread(low, high)}
    return {"name": name, "told": told or "not known", **words, "share": share, "low": low, "high": high}


def _year_before(score: Row, given: Given) -> Row:
    name, row = "A year earlier", given.advice.last_year.get(score["iso3"])
    if row is None or row["probability"] is None:
        return _line(name, f"no estimate from the facts of {score['origin'] - 1}", None)
    told = f"the same model on the facts at origin {row['origin']}"
    return _line(name, told, row["probability"], row["low"], row["high"])


def _index(name: str, value: float | None, standing: Mapping[str, Any]) -> Row:
    parts = [{"label": said, "value": whole(standing.get(part))} for part, said in INDICES[name].items()]
    return {"name": name, "label": phrase(name), "value": whole(value), "parts": parts}
