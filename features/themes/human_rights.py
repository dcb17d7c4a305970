"""Human-rights theme: state terror, freedom from torture and killing, civilians killed by the government."""

from pathlib import Path

import polars as pl

from features.snapshot.cards import RAW
from features.timing.as_known import Derived, Facts, Record, load_facts
from features.timing.derived import highest, history, mean, path, since, smoothed_log, total, volatility

STATE_TERROR = 3.5
KILLINGS = 25.0
TERROR, INTEGRITY, KILLED = "pts_mean", "vdem_physical_integrity", "ucdp_government_killings"
ORDINALS = (
    "vdemord_killings_approved",
    "vdemord_civil_society_repression",
    "vdemord_civil_society_freedom",
    "vdemord_religious_freedom",
)


def terror_scores(raw: Path = RAW) -> Facts:
    """The Political Terror Scale with the mean and the gap of its two codings (see `combined`)."""
    facts = load_facts("pts", "scores", raw)
    return facts._replace(frame=facts.frame.with_columns(combined()))


def combined() -> list[pl.Expr]:
    """`pts_mean`, the mean of the State Department and Amnesty codings that exist, and `pts_gap`, how far the two lie
    apart (null unless both exist)."""
    gap = (pl.col("pts_state") - pl.col("pts_amnesty")).abs()
    return [pl.mean_horizontal("pts_state", "pts_amnesty").alias(TERROR), gap.alias("pts_gap")]


def human_rights() -> list[Record]:
    """Levels, changes, history and time since the last event, by iso3 and origin."""
    return [
        Record("pts", "scores", terror_record(), combined()),
        Record("vdem", "core", integrity_record()),
        Record("vdem", "ordinals", {m: [] for m in ORDINALS}),
        Record("ucdp", "actor", killings_record()),
    ]


def terror_record() -> Derived:
    """What derives from the codings of the Political Terror Scale."""
    record = [
        *history(TERROR),
        mean(TERROR, 5),
        mean(TERROR, 10),
        highest(TERROR, 10),
        volatility(TERROR),
        since(TERROR, STATE_TERROR),
    ]
    coders = {coder: history(coder) for coder in ("pts_state", "pts_amnesty")}
    return {TERROR: record} | coders | {"pts_gap": []}


def integrity_record() -> Derived:
    """What derives from V-Dem's freedom from political killings and torture."""
    return {INTEGRITY: [*path(INTEGRITY), mean(INTEGRITY, 10)]}


def killings_record() -> Derived:
    """What derives from UCDP's count of civilians killed by the government."""
    record = [
        total(KILLED, 5),
        total(KILLED, 10),
        highest(KILLED, 10),
        since(KILLED, KILLINGS),
        *history(KILLED),
        smoothed_log(KILLED, 2),
        smoothed_log(KILLED, 5),
    ]
    return {KILLED: record}
