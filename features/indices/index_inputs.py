"""Facts that only the indices use: kept out of the panel, because every panel column is a model input."""

from functools import reduce

import polars as pl

from features.indices.arms_stock import compute_rival_shares, compute_support_share
from features.indices.us_presence import compute_us_bases, compute_us_forces
from features.snapshot.snapshot import Snapshot
from features.timing.as_known import list_origins
from features.vocabulary import Profile


def build_index_inputs(profile: Profile, snapshot: Snapshot) -> pl.DataFrame:
    """One row a partner and origin: sipri_us_support_share, sipri_rivals_share5 and 15, us_forces, us_bases."""
    frames = [
        build(profile, snapshot)
        for build in (compute_support_share, compute_rival_shares, compute_us_forces, compute_us_bases)
    ]
    joined = reduce(lambda left, right: left.join(right, on=["iso3", "origin"], how="left"), frames, list_origins())
    return joined.sort("iso3", "origin")
