"""The content of a partner's page, as a plain dict of texts and rounded numbers; nothing is drawn here."""

from typing import Literal

from features.bad_input import BadInput
from features.vocabulary import OUTCOME_LABELS, OUTCOMES
from risk.outputs.table_rows import PartnerRow, ScoreRow, Standing
from risk.report.contracts.input_types import SourceCard
from risk.report.contracts.page import Footer, Identity
from risk.report.contracts.partner import BesideLine, PartnerIndex, PartnerPage, RiskLine, SourceLine
from risk.report.contracts.plan import Package
from risk.report.formatting import (
    format_chance,
    format_count,
    format_horizon,
    format_interval,
    format_list,
    format_name,
    format_percent,
    round_index,
)
from risk.report.inputs import ReportInputs
from risk.report.labels import INDEX_LABELS, POSTURE_ADVICE, POSTURE_TEXTS, STATUS_LABELS, STATUS_MEASURES
from risk.report.partner.decisions import describe_package
from risk.report.partner.history import build_arms_history, build_money_history, build_past_forecasts
from risk.report.partner.ledger_entries import describe_entries
from risk.report.partner.peers import list_comparable_partners, list_land_neighbors
from risk.report.partner.reasons import explain_outcome, list_strongest_reasons
from risk.report.partner.unknowns import list_partner_unknowns

PLANNED: tuple[Literal["positive_condition", "redline", "offramp"], ...] = ("positive_condition", "redline", "offramp")


def summarize_partner(iso3: str, inputs: ReportInputs) -> PartnerPage:
    """Summarize one partner for its page; BadInput if the partner has no row in scores or in partners."""
    partner, scores = inputs.partners.get(iso3), inputs.scores.get(iso3)
    if partner is None or not scores:
        missing = "partners" if partner is None else "scores"
        raise BadInput(f"report: {iso3} has no row in {missing}; run `make score` again")
    by_outcome = {row["outcome"]: row for row in scores}
    risks = [_describe_outcome_risk(by_outcome[name], inputs) for name in OUTCOMES]
    plan = describe_package(iso3, inputs)
    raises, lowers = list_strongest_reasons(iso3, inputs)
    record = build_past_forecasts(iso3, inputs)
    return {
        **read_identity(scores[0], inputs),
        "tier": partner["tier"],
        "headline": partner["headline"],
        "posture": POSTURE_TEXTS[partner["posture"]],
        "bottom_line": [
            _describe_likelihood(partner, risks[0], scores[0]),
            _describe_next_step(partner["posture"], plan),
        ],
        "risks": risks,
        "beside": _list_estimates(by_outcome["misuse"], risks[0], inputs),
        **plan,
        "reasons": [explain_outcome(iso3, name, inputs) for name in OUTCOMES],
        "raises": raises,
        "lowers": lowers,
        "record": record,
        "past": record["rows"],
        "arms": build_arms_history(iso3, inputs.history),
        "money": build_money_history(iso3, inputs.history),
        "indices": _indices(partner, inputs.rule_inputs[iso3]),
        "leverage_reading": inputs.supplement.leverage_reading.get(iso3),
        "neighbours": list_land_neighbors(iso3, inputs),
        "comparables": list_comparable_partners(iso3, inputs),
        "unknown": list_partner_unknowns(iso3, inputs),
        "entries": describe_entries(iso3, inputs),
        "sources": [cite_source(card) for card in inputs.sources],
        "read": max(card["accessed"] for card in inputs.sources),
    }


def read_identity(score: ScoreRow, inputs: ReportInputs) -> Identity:
    """Read the partner of a page, and its footer."""
    return {
        "iso3": score["iso3"],
        "partner": score["partner"],
        "region": score["region"],
        **_footer(score, inputs),
    }


def read_footer(inputs: ReportInputs) -> Footer:
    """Read the footer of a page on all partners."""
    return _footer(next(iter(inputs.scores.values()))[0], inputs)


def _footer(score: ScoreRow, inputs: ReportInputs) -> Footer:
    return {
        "origin": score["origin"],
        "horizon": format_horizon(score),
        "decided": inputs.manifest.get("decided_as_of"),
    }


def _describe_likelihood(partner: PartnerRow, risk: RiskLine, score: ScoreRow) -> str:
    if partner["tier"] == "referred" or not risk["probability"]:
        return "Too little recent data to rely on a probability of misuse: a person must assess this partner."
    within = f", 90% interval {risk['interval']}" if risk["interval"] not in (None, risk["probability"]) else ""
    text = f"The chance of misuse in {format_horizon(score)} is {risk['chance']} ({risk['probability']}{within}), tier "
    text += partner["tier"]
    return (
        f"{text}; for all partners and years on record it is {risk['base_rate']}." if risk["base_rate"] else f"{text}."
    )


def _describe_next_step(posture: str, plan: Package) -> str:
    """Describe what the posture asks for, with counts of the triggers and rules on the page."""
    bound = [item for item in plan["trigger"] if not item["refer"]]
    referred = len(plan["trigger"]) - len(bound)
    law = [format_count(len(bound), "legal trigger binds now", "legal triggers bind now")] if bound else []
    law += [format_count(referred, "legal list must be looked up", "legal lists must be looked up")] if referred else []
    settled = {kind: sum(not item["refer"] for item in plan[kind]) for kind in PLANNED}
    planned = [format_count(number, kind.replace("_", " ")) for kind, number in settled.items() if number]
    unsettled = sum(len(plan[kind]) for kind in PLANNED) - sum(settled.values())
    actions = [format_list(law)] * bool(law) + [f"plan {format_list(planned)}"] * bool(planned)
    actions += [f"settle {format_count(unsettled, 'rule that lacks a fact', 'rules that lack a fact')}"] * bool(
        unsettled
    )
    return (
        f"{POSTURE_ADVICE[posture]}: {'; '.join(actions)}."
        if actions
        else f"{POSTURE_ADVICE[posture]}; no rule asks for more."
    )


def _describe_outcome_risk(score: ScoreRow, inputs: ReportInputs) -> RiskLine:
    outcome = score["outcome"]
    return {
        "outcome": outcome,
        "name": format_name(outcome),
        "label": OUTCOME_LABELS[outcome],
        "probability": format_percent(score["probability"]),
        "chance": format_chance(score["probability"]),
        "interval": format_interval(score["low"], score["high"]),
        "onset": format_percent(score["onset_probability"]),
        "base_rate": format_percent(inputs.base_rates.get(outcome)),
        "persistence": format_percent(_compute_persistence(score, inputs)),
        "status": STATUS_LABELS[score["status"]] + _format_status_years(score, inputs.rule_inputs[score["iso3"]]),
        "tier": score["tier"],
        "rank": f"{score['rank']} of {inputs.rank_counts[outcome]}" if score["rank"] else None,
    }


def _format_status_years(score: ScoreRow, rule_inputs: Standing) -> str:
    """Format the years of the facts behind a status, which trail the origin by their publishers' lag."""
    ages = [rule_inputs.get(f"{measure}_age") for measure in STATUS_MEASURES[score["outcome"]]]
    years = sorted({int(score["origin"] - age) for age in ages if age is not None})
    return f", by facts up to {' and '.join(map(str, years))}" if years else ""


def _compute_persistence(score: ScoreRow, inputs: ReportInputs) -> float | None:
    hits, cases = inputs.outcome_counts.get((score["outcome"], score["status"]), (0, 0))
    return hits / cases if cases and score["status"] != "unknown" else None


def _list_estimates(score: ScoreRow, risk: RiskLine, inputs: ReportInputs) -> list[BesideLine]:
    """List the estimate, and the simpler estimates of misuse to compare it with."""
    base, same = inputs.base_rates.get("misuse"), _compute_persistence(score, inputs)
    cases = inputs.outcome_counts.get(("misuse", score["status"]), (0, 0))[1]
    state = STATUS_LABELS[score["status"]].lower()
    by_state = f"how often misuse followed where it was {state}, {cases:,} cases at past origins"
    return [
        _build_estimate_line(
            "This estimate",
            risk["chance"] or "none: too little is known",
            score["probability"],
            score["low"],
            score["high"],
        ),
        _describe_year_before(score, inputs),
        _build_estimate_line("All partners", "how often misuse followed, all years on record", base),
        _build_estimate_line("Persistence alone", by_state if same is not None else None, same),
    ]


def _build_estimate_line(
    name: str, text: str | None, share: float | None, low: float | None = None, high: float | None = None
) -> BesideLine:
    return {
        "name": name,
        "told": text or "not known",
        "probability": format_percent(share) or "not known",
        "interval": format_interval(low, high),
        "share": share,
        "low": low,
        "high": high,
    }


def _describe_year_before(score: ScoreRow, inputs: ReportInputs) -> BesideLine:
    name, row = "A year earlier", inputs.supplement.last_year.get(score["iso3"])
    if row is None or row["probability"] is None:
        return _build_estimate_line(name, f"no estimate from the facts of {score['origin'] - 1}", None)
    text = f"the same model on the facts at origin {row['origin']}"
    return _build_estimate_line(name, text, row["probability"], row["low"], row["high"])


def _indices(partner: PartnerRow, rule_inputs: Standing) -> list[PartnerIndex]:
    return [
        {
            "name": name,
            "label": format_name(name),
            "value": round_index(partner[name]),
            "parts": [{"label": label, "value": round_index(rule_inputs.get(part))} for part, label in parts.items()],
        }
        for name, parts in INDEX_LABELS.items()
    ]


def cite_source(card: SourceCard) -> SourceLine:
    """Cite a source as pages show it."""
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
