"""Three invented partners in tables that follow the contracts: one at risk, one calm, one mostly unknown."""

import json
from typing import Any

import polars as pl

from risk.report.inputs import PartnerHistory, ReportInputs, ReportSupplement, RunContext, YearlySeries
from risk.report.labels import MONEY_LABELS, SUPPLIER_LABELS

InventedRow = dict[str, Any]

INVENTED_PARTNERS = {"ALD": "Aldova", "BRE": "Bresland", "CIM": "Cimbria"}
BASE_RATES = {"misuse": 0.224, "state_terror": 0.171, "civilian_killing": 0.083, "coup": 0.041}
FACT_AGES = {"pts_mean_age": 2.0, "ucdp_government_killings_age": 1.0, "coup_attempts_age": 0.0}
FACT_VALUES = FACT_AGES | {"vdem_physical_integrity_age": 0.0, "leverage_arms": 81.4, "leverage_stock": 60.0}
FACT_VALUES |= {"old_arms_age": 5.0, "lost_age": 0.0, "hedging_suppliers": 12.2, "value_alliance": 100.0}
INVENTED_SOURCES = [
    {
        "source": "invented",
        "title": "Invented Terror Scale",
        "publisher": "Invented Institute",
        "release": "v9 (2025)",
        "citation": "Invented Institute. 2025. Invented Terror Scale.",
        "licence": "CC BY 4.0",
        "address": "https://invented.example/data",
        "accessed": "2026-11-23",
        "latest": 2024,
        "due": "2026-10-31",
        "overdue": "2026-10-31",
    }
]
INVENTED_LINKS = [{"label": "Workbook of decisions", "href": "../decisions.xlsx"}]


def build_score_row(iso3: str = "ALD", outcome: str = "misuse", **changes: Any) -> InventedRow:
    """One row of scores; by default Aldova, misuse ongoing, 31 percent."""
    row = {
        "iso3": iso3,
        "partner": INVENTED_PARTNERS[iso3],
        "region": "Invented Sea",
        "origin": 2025,
        "horizon_end": 2027,
        "outcome": outcome,
        "probability": 0.3142,
        "low": 0.2211,
        "high": 0.4178,
        "onset_probability": None,
        "status": "ongoing",
        "tier": "elevated",
        "rank": 1,
        "coverage": 0.934,
        "model": "invented-1",
    }
    return row | changes


def build_reason_row(position: int = 1, **changes: Any) -> InventedRow:
    """One reason for Aldova's misuse score; by default a rights index that goes with higher risk."""
    row = {
        "iso3": "ALD",
        "origin": 2025,
        "outcome": "misuse",
        "theme": "human_rights",
        "feature": "vdem_physical_integrity",
        "label": "Freedom from torture and political killing",
        "value": 0.2149,
        "unit": "index 0-1, higher is better",
        "value_year": 2025,
        "contribution_logodds": 0.8123,
        "position": position,
    }
    return row | changes


def build_decision_row(kind: str = "trigger", **changes: Any) -> InventedRow:
    """One decision on Aldova, by default a trigger that applies, with one fact behind it."""
    fact = {
        "fact": "leverage >= 50",
        "values": {"leverage": 72.34},
        "years": {"leverage": 2025},
        "holds": True,
    }
    row = {
        "iso3": "ALD",
        "partner": "Aldova",
        "rule": "child_soldiers_list",
        "kind": kind,
        "result": "applies",
        "title": f"Invented {kind.replace('_', ' ')}",
        "because": "Invented ground for it.",
        "evidence": json.dumps([fact]),
        "benchmark_measure": None,
        "benchmark_now": None,
        "benchmark_asked": None,
        "benchmark_by": None,
        "unlocks": None,
        "reference": "22 USC 2370c-1",
        "as_of": "2025-06-30",
        "reference_status": "confirmed",
    }
    return row | changes


CONDITION_ROW = build_decision_row(
    "positive_condition",
    rule="rights_before_tranche",
    title="Fewer killings in custody before the next tranche",
    benchmark_measure="vdem_physical_integrity",
    benchmark_now=0.2149,
    benchmark_asked=0.3,
    benchmark_by=2027,
    unlocks="Release of the next tranche",
)
OFFRAMP_ROW = build_decision_row(
    "offramp",
    rule="step_down_in_stages",
    title="Step down in stages",
    unlocks="1. Pause new notifications in 2026. 2. Hold spares. 3. End the programme.",
    reference_status="verify",
)
UNSETTLED_ROW = build_decision_row("redline", rule="unit_killings", title="No unit kills detainees", result="refer")
BRESLAND_ROW = build_decision_row(
    "message",
    iso3="BRE",
    partner="Bresland",
    rule="say_it_early",
    title="Say it before the budget",
    evidence="[]",
)


def build_partner_row(iso3: str = "ALD", **changes: Any) -> InventedRow:
    """One row of partners; by default Aldova, elevated, to be engaged on conditions."""
    row = {
        "iso3": iso3,
        "partner": INVENTED_PARTNERS[iso3],
        "region": "Invented Sea",
        "tier": "elevated",
        "posture": "condition",
        "strategic_value": 66.6,
        "leverage": 72.34,
        "dependence": 80.1,
        "hedging": 10.9,
        "triggers": "child_soldiers_list",
        "headline": f"{INVENTED_PARTNERS[iso3]}: elevated risk, high leverage; condition support.",
    }
    return row | changes


def build_invented_tables() -> dict[str, pl.DataFrame]:
    """The four tables, by name; Cimbria is referred and has no probability."""
    nothing = {
        "probability": None,
        "low": None,
        "high": None,
        "rank": None,
        "tier": "referred",
        "coverage": 0.2,
    }
    calm = {"probability": 0.004, "low": 0.001, "high": 0.02, "tier": "low", "rank": 2, "status": "clear"}
    by_partner = {
        "ALD": {},
        "BRE": calm | {"onset_probability": 0.004},
        "CIM": nothing | {"status": "unknown"},
    }
    unknown = {"tier": "referred", "posture": "referred", "strategic_value": None, "leverage": None}
    quiet = {"tier": "low", "posture": "invest", "triggers": ""}
    return {
        "scores": pl.DataFrame(
            [
                build_score_row(iso3, outcome, **changes)
                for iso3, changes in by_partner.items()
                for outcome in BASE_RATES
            ],
            infer_schema_length=None,
        ),
        "reasons": pl.DataFrame(
            [
                build_reason_row(1),
                build_reason_row(
                    2,
                    theme="arms_transfers",
                    feature="old_arms",
                    label="Arms imports",
                    value=1.234e9,
                    unit="current US dollars",
                    value_year=2020,
                ),
                build_reason_row(
                    3,
                    feature="lost",
                    label="Judges removed",
                    value=None,
                    value_year=None,
                    contribution_logodds=-0.2,
                ),
            ],
            infer_schema_length=None,
        ),
        "decisions": pl.DataFrame(
            [build_decision_row(), CONDITION_ROW, OFFRAMP_ROW, UNSETTLED_ROW, BRESLAND_ROW], infer_schema_length=None
        ),
        "partners": pl.DataFrame(
            [
                build_partner_row(),
                build_partner_row("BRE", **quiet),
                build_partner_row("CIM", dependence=None, hedging=None, **unknown, triggers=""),
            ],
            infer_schema_length=None,
        ),
    }


def build_past_row(origin: int, **changes: Any) -> InventedRow:
    """A row of an invented back-test on Aldova's misuse at one origin; by default 31 percent, and it happened."""
    row = {"iso3": "ALD", "origin": origin, "outcome": "misuse", "probability": 0.31, "low": 0.2, "high": 0.4}
    return row | {"observed": True, "status": "ongoing"} | changes


def build_invented_history() -> PartnerHistory:
    """Aldova received arms from the United States and China and some aid; Bresland is its neighbor."""
    arms = {f"sipri_{supplier}_tiv": YearlySeries(1950, 2025, True, {}) for supplier in SUPPLIER_LABELS}
    arms["sipri_us_tiv"] = YearlySeries(1950, 2025, True, {"ALD": {1999: 40.0, 2024: 30.0}})
    arms["sipri_china_tiv"] = YearlySeries(1950, 2025, True, {"ALD": {2021: 10.0}})
    arms["sipri_total_tiv"] = YearlySeries(1950, 2025, True, {"ALD": {1999: 40.0, 2021: 10.0, 2024: 30.0}})
    money = {name: YearlySeries(2000, 2018, False, {"ALD": {2016: 5e6}}) for name in MONEY_LABELS}
    money["usmil_assistance_usd"] = YearlySeries(1947, 2025, True, {"ALD": {2020: 2.5e6, 2022: 1e6, 2024: -1e5}})
    return PartnerHistory(arms | money, {"ALD": ["BRE", "ZZZ"]}, {"ALD": 1991})


def build_invented_supplement() -> ReportSupplement:
    """Every kind of optional supplement, once."""
    case = {"use": "follows", "partners": ["Bresland"], "years": "2001", "asked": "Trials of three officers"}
    case |= {"happened": "Two were tried", "lesson": "Name the officers", "source": "Invented Archive"}
    details = {"not_when": "Not in war", "judged_by": "the embassy", "switching_cost": "Nine years"}
    details |= {"replaced_by": "Nobody", "how_often": "Yearly", "programmes": ["FMF", "IMET"], "precedents": [case]}
    return ReportSupplement(
        details={"rights_before_tranche": details},
        cautions={"ALD": [{"title": "Promises unkept", "because": "Two were broken.", "precedents": [case]}]},
        benchmarks={"ALD": {"vdem_physical_integrity": "In the past 3 of 9 did it.", "other": "Others fell."}},
        leverage_reading={"ALD": "Spares bind for a decade."},
    )


def build_invented_inputs(tables: dict[str, pl.DataFrame] | None = None, **given: Any) -> ReportInputs:
    """The invented tables grouped for summaries, some of them or of the optional parts replaced."""
    standing = dict.fromkeys(INVENTED_PARTNERS, FACT_VALUES) | given.pop("standing", {})
    frames = build_invented_tables() | (tables or {})
    return ReportInputs.from_run(frames, RunContext(standing, BASE_RATES, INVENTED_SOURCES, **given))
