"""Human-rights theme: state terror, freedom from torture and killing, civilians killed by the government."""

from pathlib import Path

import polars as pl

from features.cards import RAW
from features.derived import highest, history, mean, path, since, smoothed_log, total, volatility
from features.timing import Facts, as_known, load_facts
from features.vocabulary import Profile

STATE_TERROR = 3.5
KILLINGS = 25.0


def terror_scores(raw: Path = RAW) -> Facts:
    """The Political Terror Scale with `pts_mean`, the mean of the State Department and Amnesty codings that exist, and
    `pts_gap`, how far the two lie apart (null unless both exist)."""
    facts = load_facts("pts", "scores", raw)
    mean_score = pl.mean_horizontal("pts_state", "pts_amnesty")
    gap = (pl.col("pts_state") - pl.col("pts_amnesty")).abs()
    return facts._replace(frame=facts.frame.with_columns(pts_mean=mean_score, pts_gap=gap))


def human_rights(profile: Profile, raw: Path = RAW) -> list[pl.LazyFrame]:
    """Levels, changes, history and time since the last event, by iso3 and origin."""
    terror, killings = "pts_mean", "ucdp_government_killings"
    record = [
        *history(terror),
        mean(terror, 5),
        mean(terror, 10),
        highest(terror, 10),
        volatility(terror),
        since(terror, STATE_TERROR),
    ]
    integrity = "vdem_physical_integrity"
    ordinals = (
        "vdemord_killings_approved",
        "vdemord_civil_society_repression",
        "vdemord_civil_society_freedom",
        "vdemord_religious_freedom",
    )
    return [
        as_known(
            terror_scores(raw),
            {terror: record, "pts_state": history("pts_state"), "pts_amnesty": history("pts_amnesty"), "pts_gap": []},
            profile,
        ),
        as_known(
            load_facts("vdem", "core", raw),
            {integrity: [*path(integrity), mean(integrity, 10)]},
            profile,
        ),
        as_known(load_facts("vdem", "ordinals", raw), {m: [] for m in ordinals}, profile),
        as_known(
            load_facts("ucdp", "actor", raw),
            {
                killings: [
                    total(killings, 5),
                    total(killings, 10),
                    highest(killings, 10),
                    since(killings, KILLINGS),
                    *history(killings),
                    smoothed_log(killings, 2),
                    smoothed_log(killings, 5),
                ]
            },
            profile,
        ),
    ]
