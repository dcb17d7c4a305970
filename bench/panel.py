"""Speed of building the panel from the snapshot, against the same pipeline in pandas; both must give the same numbers.

Both read and check the cards, compare every table's checksum, columns, keys and values with its card, and refuse a
panel that breaks its contract. Neither uses a cache of an earlier run.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from bench.measure import Contender, Measurement, TimedWork
from features.bad_input import BadInput
from features.panel import build_panel
from features.partners import list_partner_years, load_partners
from features.snapshot import cards
from features.snapshot.snapshot import CURRENT_SNAPSHOT

PANEL_ROWS = 9_205
# Rolling sums and deviations leave residues in the last digits.
VALUE_TOLERANCE = 1e-6


def prepare_engine_panel(out: Path) -> TimedWork:
    """Read and check cards and tables, build every theme, check the panel's contract."""
    return TimedWork(lambda: _build_uncached_panel("polars"), lambda panel: {"panel": panel})


def prepare_pandas_panel(out: Path) -> TimedWork:
    """The same in plain pandas, with the same checks."""
    return TimedWork(lambda: _build_uncached_panel("pandas"), lambda panel: {"panel": pl.from_pandas(panel)})


def _build_uncached_panel(how: str) -> object:
    """The panel built with empty caches."""
    cards._parse_card.cache_clear()
    cards._cached_tables.clear()
    list_partner_years.cache_clear()
    load_partners.cache_clear()
    if how == "polars":
        return build_panel("snapshot", snapshot=CURRENT_SNAPSHOT)
    from bench.pandas_panel import build_pandas_panel

    return build_pandas_panel(snapshot=CURRENT_SNAPSHOT)


def check_panel_results(measured: Sequence[Measurement]) -> str:
    """Sentence: both panels are the same; raises BadInput with the first column that differs."""
    ours, theirs = (measurement.results["panel"] for measurement in measured)
    if set(ours.columns) != set(theirs.columns) or ours.height != theirs.height:
        raise BadInput(f"panel: {ours.shape} by the engine, {theirs.shape} in pandas")
    for name in ours.columns:
        if differing := _count_differing_rows(ours[name], theirs[name]):
            raise BadInput(f"panel: column {name} differs between the engine and pandas in {differing} rows")
    return f"Both give the same {ours.height:,} rows and {ours.width} columns, within a relative {VALUE_TOLERANCE:g}."


def _count_differing_rows(ours: pl.Series, theirs: pl.Series) -> int:
    if ours.dtype == pl.String:
        return int((ours != theirs).sum())
    pair = pl.DataFrame({"a": ours.cast(pl.Float64), "b": theirs.cast(pl.Float64)}).fill_nan(None)
    a, b = pl.col("a"), pl.col("b")
    near = (a - b).abs() <= VALUE_TOLERANCE * pl.max_horizontal(1.0, a.abs())
    alike = (a.is_null() & b.is_null()) | near.fill_null(False)
    return pair.filter(~alike).height


PANEL_CONTENDERS = (
    Contender("panel, the engine (Polars)", prepare_engine_panel, PANEL_ROWS),
    Contender("panel in pandas", prepare_pandas_panel, PANEL_ROWS),
)
