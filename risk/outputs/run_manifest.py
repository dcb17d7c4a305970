"""The record of a run (run.json): what decided it, and what it took."""

from collections.abc import Mapping
from typing import TypedDict


class RunRecord(TypedDict, total=False):
    """What a run of this version writes; one of another version may lack some of it.

    base_rates: by outcome, shares of one; trained_to: years by outcome; seconds: by step; versions: by library;
    snapshot, models, rulebook, rules: checksums.
    """

    decided_as_of: str
    base_rates: Mapping[str, float]
    trained_to: Mapping[str, int]
    models: str
    seconds: Mapping[str, float]
    origin: int
    horizon_end: int
    profile: str
    snapshot: str
    rulebook: str
    rules: str
    versions: Mapping[str, str]
