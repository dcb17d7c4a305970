"""What each table of a run holds: what one row is, and the meaning and unit of every column."""

from typing import NamedTuple


class OutputTable(NamedTuple):
    """One table of the outputs: its files, what one row is, and each column in words.

    A name that holds `<...>` stands for every column of that form.
    """

    files: str
    row: str
    columns: dict[str, str]


PARTNER = {"iso3": "three letters of the partner (ISO 3166)", "partner": "its name", "region": "World Bank region"}
ORIGIN = {"origin": "last year whose facts were used"}
OUTCOME = {"outcome": "`misuse`, `state_terror`, `civilian_killing` or `coup`"}
TIER = "`low`, `guarded`, `elevated`, `high`, `severe` or `referred`"
POSTURE = "`invest`, `condition`, `limit`, `be_wary` or `referred`"
INDICES = {
    "strategic_value": "0 to 100; empty if too few of its parts are known",
    "leverage": "0 to 100: dependence, less up to half of it for hedging",
    "dependence": "0 to 100: how much of arms, stock, aid and presence is American",
    "hedging": "0 to 100: what Russia, China or its own industry could replace",
}

SCORES = OutputTable(
    "`out/scores.parquet`, `out/scores.csv`",
    "a partner and outcome at the latest origin",
    {
        **PARTNER,
        **ORIGIN,
        "horizon_end": "last of the two years forecast",
        **OUTCOME,
        "probability": "chance that the outcome comes within the horizon, 0 to 1; empty if referred",
        "low": "5th percentile of the probability, 0 to 1",
        "high": "95th percentile of the probability, 0 to 1",
        "onset_probability": "probability if the partner is in fact clear now; empty if last known as ongoing",
        "status": "`ongoing`, `clear` or `unknown` by the last facts known",
        "tier": TIER,
        "rank": "1 is the highest probability of that outcome; equal probabilities share the better rank",
        "coverage": "share of the yearly rated measures that are known, 0 to 1; below 0.5 is referred",
        "model": "the outcome and the origin that its model was trained for",
    },
)
REASONS = OutputTable(
    "`out/reasons.parquet`",
    "a partner, outcome and feature",
    {
        "iso3": PARTNER["iso3"],
        **ORIGIN,
        **OUTCOME,
        "theme": "theme of the feature, as pages group it",
        "feature": "column of `out/panel.parquet`",
        "label": "the feature in words",
        "value": "its value, in `unit`; empty if unknown",
        "unit": "unit of the value",
        "value_year": "year that the value is from",
        "contribution_logodds": "what it adds to the log-odds of the probability; an association, never a cause",
        "position": "1 is the largest contribution in size",
    },
)
DECISIONS = OutputTable(
    "`out/decisions.parquet`, `out/decisions.csv`; sheet Decisions of `out/decisions.xlsx`",
    "a partner and rule that applies or is referred",
    {
        "iso3": PARTNER["iso3"],
        "partner": PARTNER["partner"],
        "rule": "id of the rule",
        "kind": "`trigger`, `check`, `positive_condition`, `redline`, `offramp` or `message`",
        "result": "`applies`, or `refer` where a fact is missing",
        "title": "the rule in one line",
        "because": "the reason",
        "evidence": "each condition with the values that it read and their years",
        "benchmark_measure": "measure of a positive condition's benchmark; empty for other kinds",
        "benchmark_now": "its value now, in the unit of the measure",
        "benchmark_asked": "the value asked, in the unit of the measure",
        "benchmark_by": "day by which it is asked",
        "unlocks": "what follows: the reward of a condition, the way out of a trigger, the steps of the others",
        "reference": "the text that the rule rests on",
        "as_of": "day the text was last looked at",
        "reference_status": "`confirmed`, or `verify` if that reading did not bear it out in full",
    },
)
PARTNERS = OutputTable(
    "`out/partners.parquet`",
    "a partner",
    {
        **PARTNER,
        "tier": f"{TIER}, of misuse",
        "posture": POSTURE,
        **INDICES,
        "triggers": "ids of the triggers that apply, separated by semicolons; empty for none",
        "headline": "the partner in one sentence",
    },
)
PANEL = OutputTable(
    "`out/panel.parquet`",
    "a partner and origin from 1976",
    {
        "iso3": PARTNER["iso3"],
        **ORIGIN,
        "<measure>": "the last value known at the origin; the measures are listed below",
        "<measure>_<ending>": "a change, sum, mean or age of it; the endings are listed below",
    },
)
RULE_INPUTS = OutputTable(
    "`out/standing.parquet`",
    "a partner at the latest origin: everything that rules may read",
    {
        **PARTNER,
        **ORIGIN,
        "coverage": SCORES.columns["coverage"],
        "<outcome>_probability": SCORES.columns["probability"],
        "<outcome>_low": SCORES.columns["low"],
        "<outcome>_high": SCORES.columns["high"],
        "<outcome>_status": SCORES.columns["status"],
        "<outcome>_tier": TIER,
        "<outcome>_rank": SCORES.columns["rank"],
        "tier": f"{TIER}, of misuse",
        "leverage_<part>": "a part of dependence, 0 to 100",
        "hedging_<part>": "a part of hedging, 0 to 100",
        "value_<part>": "a part of strategic value, 0 to 100",
        **INDICES,
        "listed_<list>": "whether the partner is on that list on the day decided for; empty if not known",
        "waived_<list>": "whether a waiver in full is in force; empty if not known",
        "us_partner": "US arms deliveries, military assistance or a notified sale in the last five years on record",
        "<measure>": "as in `out/panel.parquet`",
        "<measure>_<ending>": "as in `out/panel.parquet`",
    },
)
RECOURSE = OutputTable(
    "`out/recourse.parquet`",
    "a partner above the lowest tier of misuse, route to a lower tier, and measure of that route",
    {
        "iso3": PARTNER["iso3"],
        **ORIGIN,
        "outcome": "always `misuse`",
        "route": "number of the route, the one most often seen elsewhere first",
        "measure": "the measure that it asks; empty where nothing lowers the probability",
        "label": "the measure in words",
        "now": "last value known, in the unit of the measure",
        "now_year": "its year",
        "asked": "value asked, in the unit of the measure",
        "within_years": "years within which others did as much: five",
        "seen_elsewhere": "number of other partners that improved as much",
        "started_alike": "number of partners that were ever at a like level",
        "how_often": "share of the five-year spans from like levels that improved as much, 0 to 1",
        "probability_before": "probability of misuse now, 0 to 1",
        "probability_after": "the same with the whole route taken, 0 to 1",
        "low_after": "5th percentile of it",
        "high_after": "95th percentile of it",
        "fall_low": "5th percentile of the fall, by the same draws before and after",
        "fall_high": "95th percentile of the fall",
        "tier_before": "tier now",
        "tier_after": "tier after; the same as before where no route reaches a lower one",
    },
)
CAUTIONS = OutputTable(
    "`out/cautions.parquet`",
    "a partner and caution that its facts point to",
    {
        "iso3": PARTNER["iso3"],
        "caution": "id of the caution",
        "title": "what may fail",
        "because": "the reason",
        "evidence": "the facts that point to it",
    },
)
DRIFT = OutputTable(
    "`out/drift.parquet`",
    "a feature that the misuse model reads, the heaviest first",
    {
        "feature": "column of `out/panel.parquet`",
        "known": "share of partners with a value now, 0 to 1",
        "known_in_training": "the same in the last ten training origins",
        "outside": "share of values beyond the range of all training rows, 0 to 1",
        "shift": "population stability index over tenths of the last ten training origins",
        "notable": "`lost`, `outside` or `shift` where beyond its limit, else empty",
        "label": "the feature in words",
        "weight": "mean absolute contribution to log-odds",
    },
)
RECORD = OutputTable(
    "`out/backtest/record.csv`, `docs/reference/backtest_record.csv`",
    "a partner, past origin and outcome of the back-test (profile `snapshot`)",
    {
        "iso3": PARTNER["iso3"],
        **ORIGIN,
        **OUTCOME,
        "probability": "as it was forecast, 0 to 1",
        "low": "5th percentile",
        "high": "95th percentile",
        "observed": "whether the outcome came within the two years",
        "status": "status at the origin",
    },
)
TABLES = (SCORES, REASONS, DECISIONS, PARTNERS, PANEL, RULE_INPUTS, RECOURSE, CAUTIONS, DRIFT, RECORD)
