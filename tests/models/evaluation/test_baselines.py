"""Baselines on rows few enough to check by hand and on real ones."""

import numpy as np
import polars as pl
import pytest
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

from features.bad_input import BadInput
from models.evaluation.baselines import (
    BASELINE_ESTIMATORS,
    estimate_base_rate,
    estimate_best_indicator,
    estimate_equal_index,
    estimate_persistence,
    find_best_indicator,
)
from models.training.splits import select_training_rows

PAST = pl.DataFrame(
    {
        "status": ["ongoing", "ongoing", "ongoing", "ongoing", "clear", "clear"],
        "observed": [True, True, True, False, False, False],
    }
)
LEARNT = [name for name in BASELINE_ESTIMATORS if name != "equal-weight index"]


def planted(rows: int = 400) -> pl.DataFrame:
    """Invented rows: `told` discriminates events, `sparse` does better but is rarely known, the rest do not."""
    generator = np.random.default_rng(6)
    event = generator.random(rows) < 0.3
    return pl.DataFrame(
        {
            "observed": event,
            "status": np.where(event, "ongoing", "clear"),
            "noise": generator.normal(size=rows),
            "told": -1.5 * event + generator.normal(size=rows),
            "sparse": [float(value) if row % 2 else None for row, value in enumerate(event)],
        }
    )


def test_the_base_rate_is_the_same_for_all() -> None:
    assert expit(estimate_base_rate(PAST, PAST.head(2))) == pytest.approx([0.5, 0.5])


def test_persistence_is_the_share_of_past_rows_of_the_same_status_and_one_more_at_the_base_rate() -> None:
    ahead = pl.DataFrame({"status": ["clear", "ongoing", "clear"]})
    assert expit(estimate_persistence(PAST, ahead)) == pytest.approx([0.5 / 3, 3.5 / 5, 0.5 / 3])


def test_a_status_never_seen_gets_the_base_rate() -> None:
    assert expit(estimate_persistence(PAST, pl.DataFrame({"status": ["unknown"]}))) == pytest.approx([0.5])


def test_the_best_indicator_is_the_one_planted_and_not_one_seldom_known() -> None:
    rows = planted()
    assert find_best_indicator(rows) == "told"
    assert find_best_indicator(rows.filter(pl.col("sparse").is_not_null())) == "sparse"


def test_of_indicators_that_tell_alike_the_first_by_name_is_taken() -> None:
    rows = planted().with_columns(opposite=-pl.col("told"), again=pl.col("told") * 3)
    assert find_best_indicator(rows) == "again"


def test_the_best_indicator_stands_out_by_its_auc_even_with_gaps() -> None:
    rows = planted().drop("sparse").with_columns(told=pl.when(pl.col("noise") < 1).then("told"))
    known = rows.filter(pl.col("told").is_not_null())
    assert roc_auc_score(known["observed"], known["told"]) < 0.2 and find_best_indicator(rows) == "told"


def test_the_logit_falls_as_the_planted_indicator_rises_and_a_gap_counts_as_the_median() -> None:
    rows = planted()
    median = float(rows["told"].median())  # type: ignore[arg-type]
    low, middle, unknown, high = estimate_best_indicator(rows, pl.DataFrame({"told": [-2.0, median, None, 2.0]}))
    assert low > middle > high and unknown == pytest.approx(middle, abs=0.05)


def test_without_a_feature_known_often_enough_there_is_no_best_indicator() -> None:
    with pytest.raises(BadInput, match="no feature is known for 80% of 400 rows"):
        estimate_best_indicator(planted().select("observed", "status", "sparse"), planted())


def test_the_index_is_the_mean_of_parts_and_of_their_known_members() -> None:
    past = pl.DataFrame(
        {
            "observed": [True, False, False, False],
            "vdem_corruption": [0.1, 0.2, 0.3, 0.4],
            "pts_mean": [1.0, 2.0, 3.0, 4.0],
            "vdem_physical_integrity": [0.9, 0.8, 0.2, 0.1],
        }
    )
    ahead = pl.DataFrame(
        {
            "vdem_corruption": [0.35, None, None],
            "pts_mean": [1.0, 5.0, None],
            "vdem_physical_integrity": [None, 0.5, None],
        }
    )
    # Worse than three of four, and than none but its equal: 3/4 and 1/8. Then 1 and 2/4 in one part. Then nothing.
    expected = [(0.75 + 0.125) / 2, (1 + 0.5) / 2, 0.5]
    assert expit(estimate_equal_index(past, ahead)) == pytest.approx(expected)


def test_the_index_looks_at_no_outcome_and_is_higher_for_sudan_than_for_sweden(terror_rows: pl.DataFrame) -> None:
    past, ahead = _sudan_and_sweden(terror_rows)
    sudan, sweden = estimate_equal_index(past, ahead)
    assert expit(sweden) < 0.4 and expit(sudan) > 0.7
    reversed_ = past.with_columns(~pl.col("observed"))
    assert estimate_equal_index(reversed_, ahead).tolist() == [sudan, sweden]


@pytest.mark.parametrize("name", LEARNT)
def test_each_baseline_gives_a_number_a_row_and_ranks_sudan_no_lower_than_sweden(
    terror_rows: pl.DataFrame, name: str
) -> None:
    past, ahead = _sudan_and_sweden(terror_rows)
    sudan, sweden = BASELINE_ESTIMATORS[name](past, ahead)
    assert np.isfinite([sudan, sweden]).all()
    assert sudan == sweden if name == "base rate" else sweden < logit(0.2) < logit(0.6) < sudan


@pytest.mark.parametrize("name", BASELINE_ESTIMATORS)
def test_no_baseline_reads_what_happens_ahead_or_gives_another_number_when_asked_again(
    terror_rows: pl.DataFrame, name: str
) -> None:
    past, ahead = _sudan_and_sweden(terror_rows)
    blind = ahead.drop("grade", "fact").with_columns(~pl.col("observed"))
    assert BASELINE_ESTIMATORS[name](past, ahead).tolist() == BASELINE_ESTIMATORS[name](past, blind).tolist()


def _sudan_and_sweden(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What was known by 2005, and the two partners in that year."""
    ahead = rows.filter(pl.col("origin") == 2005, pl.col("iso3").is_in(["SDN", "SWE"])).sort("iso3")
    return select_training_rows(rows, 2005, 2), ahead
