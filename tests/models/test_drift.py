"""Input drift: lost, outside and shifted inputs are reported, by thresholds, from past data only."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from models.drift import measure_drift
from models.drift_thresholds import DRIFT_THRESHOLDS

STATES, ORIGIN, TRAINED_TO = 200, 2025, 2021
COLUMNS = ["steady", "lost", "outside", "shift", "zeros", "empty"]


@pytest.fixture(scope="module")
def invented() -> pl.DataFrame:
    """Two hundred invented states from 1980 to 2025; at the last origin one measure drifts in each way."""
    random = np.random.default_rng(5)
    keys = pl.DataFrame([(f"S{i:03}", year) for year in range(1980, 2026) for i in range(STATES)], orient="row")
    rows = keys.rename({"column_0": "iso3", "column_1": "origin"})
    last, place = pl.col("origin") == ORIGIN, pl.int_range(pl.len()).over("origin")
    drawn = {name: pl.Series(random.uniform(size=rows.height)) for name in COLUMNS}
    return rows.with_columns(**drawn).with_columns(
        lost=pl.when(~last | (place >= STATES // 4)).then("lost"),
        outside=pl.when(last & (place < 20)).then(3.0).otherwise("outside"),
        shift=pl.when(last).then(pl.col("shift") ** 3).otherwise("shift"),
        zeros=pl.when(pl.col("zeros") < 0.95).then(0.0).otherwise("zeros"),
        empty=pl.lit(None, pl.Float64),
    )


def test_each_kind_of_drift_is_told_and_what_is_steady_is_not(invented: pl.DataFrame) -> None:
    result = {row["feature"]: row for row in measure_drift(invented, COLUMNS, ORIGIN, TRAINED_TO).iter_rows(named=True)}
    assert {name: row["notable"] for name, row in result.items()} == {
        "steady": "", "lost": "lost", "outside": "outside", "shift": "shift", "zeros": "", "empty": "",
    }  # fmt: skip
    assert (result["lost"]["known"], result["lost"]["known_in_training"]) == (0.75, 1.0)
    assert result["outside"]["outside"] == 0.1 and result["empty"]["shift"] is None
    assert result["steady"]["shift"] < 0.15 < DRIFT_THRESHOLDS["shift"].limit < result["shift"]["shift"]


def test_the_index_of_a_known_shift_is_the_one_worked_out_by_hand() -> None:
    trained = pl.DataFrame({"origin": [2021] * 100, "x": [float(i % 10) for i in range(100)]})
    now = pl.DataFrame({"origin": [2025] * 100, "x": [0.0] * 50 + [float(i % 10) for i in range(50)]})
    # Nine tenths fall from 0.10 to 0.05, one rises from 0.10 to 0.55.
    by_hand = 0.45 * np.log(5.5) + 9 * 0.05 * np.log(2)
    assert measure_drift(pl.concat([trained, now]), ["x"], 2025, 2021)["shift"].item() == pytest.approx(
        by_hand, abs=1e-6
    )


def test_rows_after_the_origin_and_between_training_and_origin_are_not_read(panel: pl.DataFrame) -> None:
    columns = ["pts_mean", "ucdp_government_killings_since", "wdi_gdp_growth_pct"]
    elsewhere = pl.col("origin").is_between(2011, 2014) | (pl.col("origin") > 2015)
    spoiled = panel.with_columns(pl.when(elsewhere).then(1e9).otherwise(pl.col(columns)).name.keep())
    assert_frame_equal(measure_drift(panel, columns, 2015, 2010), measure_drift(spoiled, columns, 2015, 2010))


def test_in_the_real_panel_amnestys_years_without_codings_and_counts_that_only_grow_are_found(
    panel: pl.DataFrame,
) -> None:
    columns = ["pts_amnesty_l10", "ucdp_government_killings_since", "vdem_rule_of_law"]
    assert measure_drift(panel, columns, 2025, 2021)["notable"].to_list() == ["lost", "outside", ""]
