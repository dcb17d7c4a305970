"""Everything a partner's page says, as a plain dict of words and rounded numbers; nothing here draws."""

from typing import Literal

from features.bad_input import BadInput
from features.vocabulary import OUTCOME_LABELS, OUTCOMES
from risk.outputs.table_rows import PartnerRow, ScoreRow, Standing
from risk.report.contracts.input_types import SourceCard
from risk.report.contracts.page import Footer, Identity
from risk.report.contracts.partner import BesideLine, PartnerIndex, PartnerPage, RiskLine, SourceLine
from risk.report.contracts.plan import Package
from risk.report.formatting import chance, counted, horizon, listed, percent, phrase, spread, whole
from risk.report.inputs import Given
from risk.report.labels import ADVICE, INDICES, POSTURES, STATUS_FROM, STATUSES
from risk.report.partner.decisions import package
from risk.report.partner.history import arms, money, record
from risk.report.partner.ledger_entries import entries
from risk.report.partner.peers import comparables, neighbours
from risk.report.partner.reasons import pushes, why
from risk.report.partner.unknowns import unknown

PLANNED: tuple[Literal["positive_condition", "redline", "offramp"], ...] = ("positive_condition", "redline", "offramp")


def partner_summary(iso3: str, given: Given) -> PartnerPage:
    """All that one partner's page says; BadInput when the partner has no row in scores or in partners."""
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
        **read_identity(scores[0], given),
        "tier": partner["tier"],
        "headline": partner["headline"],
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
        "indices": _indices(partner, given.standing[iso3]),
        "leverage_reading": given.advice.leverage_reading.get(iso3),
        "neighbours": neighbours(iso3, given),
        "comparables": comparables(iso3, given),
        "unknown": unknown(iso3, given),
        "entries": entries(iso3, given),
        "sources": [cite_source(card) for card in given.sources],
        "read": max(card["accessed"] for card in given.sources),
    }


def read_identity(score: ScoreRow, given: Given) -> Identity:
    """Whom a page is about, and its foot."""
    return {
        "iso3": score["iso3"],
        "partner": score["partner"],
        "region": score["region"],
        **_footer(score, given),
    }


def read_footer(given: Given) -> Footer:
    """The foot of a page on all partners."""
    return _footer(next(iter(given.scores.values()))[0], given)


def _footer(score: ScoreRow, given: Given) -> Footer:
    return {"origin": score["origin"], "horizon": horizon(score), "decided": given.record.get("decided_as_of")}


def _stands(partner: PartnerRow, risk: RiskLine, score: ScoreRow) -> str:
    if partner["tier"] == "referred" or not risk["probability"]:
        return "Too little recent data to rely on a probability of misuse: a person must assess this partner."
    within = f", 90% interval {risk['interval']}" if risk["interval"] not in (None, risk["probability"]) else ""
    said = f"The chance of misuse in {horizon(score)} is {risk['chance']} ({risk['probability']}{within}), tier "
    said += partner["tier"]
    return (
        f"{said}; for all partners and years on record it is {risk['base_rate']}." if risk["base_rate"] else f"{said}."
    )


def _to_do(posture: str, plan: Package) -> str:
    """What the posture asks for, and how much of it the page holds."""
    bound = [item for item in plan["trigger"] if not item["refer"]]
    asked = len(plan["trigger"]) - len(bound)
    law = [counted(len(bound), "legal trigger binds now", "legal triggers bind now")] if bound else []
    law += [counted(asked, "legal list must be looked up", "legal lists must be looked up")] if asked else []
    settled = {kind: sum(not item["refer"] for item in plan[kind]) for kind in PLANNED}
    planned = [counted(number, kind.replace("_", " ")) for kind, number in settled.items() if number]
    open_ = sum(len(plan[kind]) for kind in PLANNED) - sum(settled.values())
    told = [listed(law)] * bool(law) + [f"plan {listed(planned)}"] * bool(planned)
    told += [f"settle {counted(open_, 'rule that lacks a fact', 'rules that lack a fact')}"] * bool(open_)
    return f"{ADVICE[posture]}: {'; '.join(told)}." if told else f"{ADVICE[posture]}; no rule asks for more."


def _risk(score: ScoreRow, given: Given) -> RiskLine:
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


def _status_years(score: ScoreRow, standing: Standing) -> str:
    """The years of the facts that a status rests on, which lie behind the origin by their publishers' lag."""
    ages = [standing.get(f"{measure}_age") for measure in STATUS_FROM[score["outcome"]]]
    years = sorted({int(score["origin"] - age) for age in ages if age is not None})
    return f", by facts up to {' and '.join(map(str, years))}" if years else ""


def _persistence(score: ScoreRow, given: Given) -> float | None:
    hits, cases = given.held.get((score["outcome"], score["status"]), (0, 0))
    return hits / cases if cases and score["status"] != "unknown" else None


def _beside(score: ScoreRow, risk: RiskLine, given: Given) -> list[BesideLine]:
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


def _line(
    name: str, told: str | None, share: float | None, low: float | None = None, high: float | None = None
) -> BesideLine:
    return {
        "name": name,
        "told": told or "not known",
        "probability": percent(share) or "not known",
        "interval": spread(low, high),
        "share": share,
        "low": low,
        "high": high,
    }


def _year_before(score: ScoreRow, given: Given) -> BesideLine:
    name, row = "A year earlier", given.advice.last_year.get(score["iso3"])
    if row is None or row["probability"] is None:
        return _line(name, f"no estimate from the facts of {score['origin'] - 1}", None)
    told = f"the same model on the facts at origin {row['origin']}"
    return _line(name, told, row["probability"], row["low"], row["high"])


def _indices(partner: PartnerRow, standing: Standing) -> list[PartnerIndex]:
    return [
        {
            "name": name,
            "label": phrase(name),
            "value": whole(partner[name]),
            "parts": [{"label": said, "value": whole(standing.get(part))} for part, said in parts.items()],
        }
        for name, parts in INDICES.items()
    ]


def cite_source(card: SourceCard) -> SourceLine:
    """A source as pages cite it."""
    return {
        "source": card["source"],
        "title": card["title"],
        "publisher": card["publisher"],
        "release": card["release"],
        "citation": card["citation"],
        "licence": card["licence"],
        "address": card["address"],
        "accessed": card["accessed"],
        "latest": card["latest"],
        "overdue": card["overdue"],
    }
