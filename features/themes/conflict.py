"""Conflict theme: battle deaths, armed groups, coups, stability, rivals and the weight of the armed forces."""

from features.timing.as_known import Record
from features.timing.derived import highest, history, mean, since, smoothed, smoothed_log, total


def conflict() -> list[Record]:
    """Levels, sums, time since the last event and the military's size, by iso3 and origin."""
    battle, fought, intensity = "ucdp_battle_deaths", "ucdp_conflict_deaths", "ucdp_conflict_intensity"
    killed, apart, coups, coups_won = "ucdp_onesided_any", "ucdp_nonstate_deaths", "coup_attempts", "coup_successes"
    civil, at_home = "ucdp_intrastate_deaths", "ucdp_home_government_killings"
    return [
        Record(
            "ucdp",
            "country",
            {
                battle: [
                    total(battle, 5),
                    *history(battle),
                    since(battle, 25),
                    highest(battle, 10),
                    smoothed_log(battle, 2),
                    smoothed_log(battle, 5),
                ],
                killed: [
                    *history(killed),
                    total(killed, 5),
                    highest(killed, 10),
                    since(killed, 1),
                    smoothed_log(killed, 3),
                ],
                apart: [total(apart, 5), smoothed_log(apart, 3)],
                civil: [*history(civil), smoothed_log(civil, 3)],
                at_home: [smoothed_log(at_home, 3)],
            },
        ),
        Record("ucdp", "warring", {fought: [total(fought, 5), smoothed_log(fought, 3)]}),
        Record(
            "ucdp",
            "armed_conflict",
            {
                "ucdp_conflicts": [],
                intensity: [*history(intensity), mean(intensity, 10), highest(intensity, 10), since(intensity, 1)],
            },
        ),
        Record(
            "coups",
            "events",
            {
                coups: [
                    *history(coups),
                    *(total(coups, years) for years in (2, 5, 10, 30)),
                    *(smoothed(coups, half_life) for half_life in (3, 8, 20)),
                    since(coups, 1),
                ],
                coups_won: [total(coups_won, 10), total(coups_won, 30), smoothed(coups_won, 8), since(coups_won, 1)],
            },
        ),
        Record("wgi", "estimates", {"wgi_stability": history("wgi_stability")}),
        Record("rivalries", "rivalries", {m: [] for m in ("rivalries", "rival_russia", "rival_china")}),
        Record("military", "capabilities", {m: [] for m in ("nmc_spending_usd", "nmc_personnel", "nmc_share")}),
    ]
