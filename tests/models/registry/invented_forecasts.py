"""Back-test forecasts invented for tests: thirty partners, three origins, three in ten with the event."""

import numpy as np
import polars as pl

INVENTED_ORIGINS = (2000, 2001, 2002)


def build_invented_forecasts(error: float, noise: float = 0.0, seed: int = 1) -> pl.DataFrame:
    """Forecasts that miss what was observed by `error`, up to `noise` more or less from row to row."""
    random = np.random.default_rng(seed)
    rows = [(f"P{number:02}", origin, number % 10 < 3) for number in range(30) for origin in INVENTED_ORIGINS]
    keys = pl.DataFrame(rows, schema=["iso3", "origin", "observed"], orient="row")
    missed = error + noise * pl.Series(random.uniform(-1, 1, keys.height))
    return keys.with_columns(
        outcome=pl.lit("misuse"),
        estimator=pl.lit("engine"),
        profile=pl.lit("snapshot"),
        probability=pl.when("observed").then(1 - missed).otherwise(missed),
        status=pl.when(pl.col("origin") == INVENTED_ORIGINS[0]).then(pl.lit("clear")).otherwise(pl.lit("ongoing")),
    )
