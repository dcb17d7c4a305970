"""The manifest of a run (run.json): its inputs, versions and timings."""

from collections.abc import Mapping
from typing import TypedDict


class RunRecord(TypedDict, total=False):
    """The fields written by this version; another version's manifest may lack some.

    base_rates: by outcome, from 0 to 1; trained_to: years by outcome; seconds: by step; versions: by library;
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
