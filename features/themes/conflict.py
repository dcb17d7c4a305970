"""Conflict theme: battle deaths, armed groups, coups, stability, rivals and the size of the armed forces."""

from features.timing.as_known import TableFeatures
from features.timing.derived import (
    compute_maximum,
    compute_mean,
    compute_total,
    count_years_since,
    derive_history,
    smooth_log_measure,
    smooth_measure,
)


def list_conflict_features() -> list[TableFeatures]:
    """Levels, sums, time since the last event and size of the military, by iso3 and origin."""
    battle, fought, intensity = "ucdp_battle_deaths", "ucdp_conflict_deaths", "ucdp_conflict_intensity"
    killed, nonstate, coups, coups_won = "ucdp_onesided_any", "ucdp_nonstate_deaths", "coup_attempts", "coup_successes"
    civil, at_home = "ucdp_intrastate_deaths", "ucdp_home_government_killings"
    return [
        TableFeatures(
            "ucdp",
            "country",
            {
                battle: [
                    compute_total(battle, 5),
                    *derive_history(battle),
                    count_years_since(battle, 25),
                    compute_maximum(battle, 10),
                    smooth_log_measure(battle, 2),
                    smooth_log_measure(battle, 5),
                ],
                killed: [
                    *derive_history(killed),
                    compute_total(killed, 5),
                    compute_maximum(killed, 10),
                    count_years_since(killed, 1),
                    smooth_log_measure(killed, 3),
                ],
                nonstate: [compute_total(nonstate, 5), smooth_log_measure(nonstate, 3)],
                civil: [*derive_history(civil), smooth_log_measure(civil, 3)],
                at_home: [smooth_log_measure(at_home, 3)],
            },
        ),
        TableFeatures("ucdp", "warring", {fought: [compute_total(fought, 5), smooth_log_measure(fought, 3)]}),
        TableFeatures(
            "ucdp",
            "armed_conflict",
            {
                "ucdp_conflicts": [],
                intensity: [
                    *derive_history(intensity),
                    compute_mean(intensity, 10),
                    compute_maximum(intensity, 10),
                    count_years_since(intensity, 1),
                ],
            },
        ),
        TableFeatures(
            "coups",
            "events",
            {
                coups: [
                    *derive_history(coups),
                    *(compute_total(coups, years) for years in (2, 5, 10, 30)),
                    *(smooth_measure(coups, half_life) for half_life in (3, 8, 20)),
                    count_years_since(coups, 1),
                ],
                coups_won: [
                    compute_total(coups_won, 10),
                    compute_total(coups_won, 30),
                    smooth_measure(coups_won, 8),
                    count_years_since(coups_won, 1),
                ],
            },
        ),
        TableFeatures("wgi", "estimates", {"wgi_stability": derive_history("wgi_stability")}),
        TableFeatures("rivalries", "rivalries", {m: [] for m in ("rivalries", "rival_russia", "rival_china")}),
        TableFeatures("military", "capabilities", {m: [] for m in ("nmc_spending_usd", "nmc_personnel", "nmc_share")}),
    ]
