"""What the engine must beat, on rows small enough to check by eye."""

import polars as pl
import pytest

from models.baselines import one_indicator, persistence, ridge_logit
from models.splits import training_rows

PAST = pl.DataFrame(
    {
        "status": ["ongoing", "ongoing", "ongoing", "ongoing", "clear", "clear"],
        "observed": [True, True, True, False, False, False],
    }
)


def test_persistence_is_the_share_of_past_rows_of_the_same_status() -> None:
    ahead = pl.DataFrame({"status": ["clear", "ongoing", "clear"]})
    assert persistence(PAST, ahead).tolist() == [0, 0.75, 0]


def test_a_status_never_seen_gets_the_base_rate() -> None:
    assert persistence(PAST, pl.DataFrame({"status": ["unknown"]})).tolist() == [0.5]


@pytest.mark.parametrize("estimate", [one_indicator, ridge_logit])
def test_the_logits_rank_sudan_above_sweden(terror_rows: pl.DataFrame, estimate) -> None:  # type: ignore[no-untyped-def]
    ahead = terror_rows.filter(pl.col("origin") == 2005, pl.col("iso3").is_in(["SDN", "SWE"])).sort("iso3")
    sudan, sweden = estimate(training_rows(terror_rows, 2005, 2), ahead)
    assert 0 < sweden < 0.2 < 0.6 < sudan < 1
