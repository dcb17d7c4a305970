"""Facts that only the indices read: kept out of the panel, whose every number is an input of the models."""

from functools import reduce
from pathlib import Path

import polars as pl

from features.indices.arms_stock import rival_suppliers, stock
from features.indices.us_presence import bases, forces
from features.snapshot.cards import RAW
from features.timing.as_known import origins
from features.vocabulary import Profile


def index_facts(profile: Profile, raw: Path = RAW) -> pl.DataFrame:
    """One row a partner and origin: sipri_us_support_share, sipri_rivals_share5 and 15, us_forces, us_bases."""
    frames = [build(profile, raw) for build in (stock, rival_suppliers, forces, bases)]
    joined = reduce(lambda left, right: left.join(right, on=["iso3", "origin"], how="left"), frames, origins())
    return joined.sort("iso3", "origin")
