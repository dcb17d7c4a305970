"""With a shuffled future, nothing known before may change."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.panel import build_panel
from features.snapshot.snapshot import CURRENT_SNAPSHOT, Snapshot
from features.vocabulary import Profile
from tests.features.snapshot.changed_snapshots import copy_snapshot, shuffle_future

TURN = 2005


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    raw = copy_snapshot(tmp_path_factory.mktemp("shuffled"))
    shuffle_future(raw, TURN)
    return raw


@pytest.mark.parametrize("profile", ["calendar", "snapshot"])
def test_no_feature_moves_when_the_future_is_shuffled(shuffled: Path, profile: Profile) -> None:
    before, after = build_panel(profile, snapshot=CURRENT_SNAPSHOT), build_panel(profile, Snapshot(shuffled))
    past = pl.col("origin") <= TURN
    assert_frame_equal(before.filter(past), after.filter(past), check_exact=True)
    assert not before.filter(~past).equals(after.filter(~past))
