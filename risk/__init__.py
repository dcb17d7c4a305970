"""Maps scores, law and leverage to conditions, redlines and offramps.

`scores()`, `reasons()`, `decisions()` and `partners()` read the outputs of the last run.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

DEFAULT_OUT = Path("out")


@overload
def scores(out: Path = DEFAULT_OUT, *, pandas: Literal[False] = False) -> "pl.DataFrame": ...
@overload
def scores(out: Path = DEFAULT_OUT, *, pandas: Literal[True]) -> "pd.DataFrame": ...
def scores(out: Path = DEFAULT_OUT, *, pandas: bool = False) -> "pl.DataFrame | pd.DataFrame":
    """Read one row per partner and outcome: iso3, partner, region, origin, horizon_end, outcome, probability, low,
    high, onset_probability, status, tier, rank, coverage, model.
    """
    return _read_output(out / "scores.parquet", pandas)


@overload
def reasons(out: Path = DEFAULT_OUT, *, pandas: Literal[False] = False) -> "pl.DataFrame": ...
@overload
def reasons(out: Path = DEFAULT_OUT, *, pandas: Literal[True]) -> "pd.DataFrame": ...
def reasons(out: Path = DEFAULT_OUT, *, pandas: bool = False) -> "pl.DataFrame | pd.DataFrame":
    """Read one row per partner, outcome and feature: iso3, origin, outcome, theme, feature, label, value, unit,
    value_year, contribution_logodds, position.
    """
    return _read_output(out / "reasons.parquet", pandas)


@overload
def decisions(out: Path = DEFAULT_OUT, *, pandas: Literal[False] = False) -> "pl.DataFrame": ...
@overload
def decisions(out: Path = DEFAULT_OUT, *, pandas: Literal[True]) -> "pd.DataFrame": ...
def decisions(out: Path = DEFAULT_OUT, *, pandas: bool = False) -> "pl.DataFrame | pd.DataFrame":
    """Read one row per partner and rule that applies or is referred: iso3, partner, rule, kind, result, title, because,
    evidence, benchmark_measure, benchmark_now, benchmark_asked, benchmark_by, unlocks, reference, as_of,
    reference_status.
    """
    return _read_output(out / "decisions.parquet", pandas)


@overload
def partners(out: Path = DEFAULT_OUT, *, pandas: Literal[False] = False) -> "pl.DataFrame": ...
@overload
def partners(out: Path = DEFAULT_OUT, *, pandas: Literal[True]) -> "pd.DataFrame": ...
def partners(out: Path = DEFAULT_OUT, *, pandas: bool = False) -> "pl.DataFrame | pd.DataFrame":
    """Read one row per partner: iso3, partner, region, tier, posture, strategic_value, leverage, dependence,
    hedging, triggers, headline.
    """
    return _read_output(out / "partners.parquet", pandas)


def _read_output(path: Path, pandas: bool) -> "pl.DataFrame | pd.DataFrame":
    """Read one output; BadInput says what to run if it does not exist yet."""
    from risk.outputs.last_run import read_last_table

    frame = read_last_table(path.parent, path.stem)
    return frame.to_pandas() if pandas else frame
