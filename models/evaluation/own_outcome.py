"""A user's own outcome: a checked CSV of iso3, year and event, with its history as features."""

from pathlib import Path

import polars as pl

from features.bad_input import BadInput, find_first_line
from features.partners import list_partner_years, load_partners
from features.snapshot.own_sources import list_own_signs
from features.snapshot.snapshot import Snapshot
from features.timing.derived import (
    LONGEST_WINDOW,
    compute_total,
    count_years_since,
    pad_states,
    shift_measure,
    smooth_measure,
)
from features.vocabulary import LATEST_ORIGIN, Profile
from models.training.outcomes import Outcome

EVENT_COLUMNS = ["iso3", "year", "event"]
EVENT_FEATURE = "own_event"
FIRST_YEAR = 1946
FEWEST_OWN_EVENTS = 20
# Well above two hundred states over two centuries.
LARGEST_FILE_BYTES = 20_000_000


def read_outcome(path: Path, profile: Profile, horizon: int, snapshot: Snapshot) -> Outcome:
    """Read a file of events; one that is malformed, or has too few events to learn from, is refused in one line.

    `event` is 1, 0 or empty for unknown. In the profile `snapshot` the file's lag is taken to be today's lag.
    """
    table = _parse_events(path)
    known = table.filter(pl.col("event").is_not_null())
    events = int(known["event"].sum())
    if min(events, known.height - events) < FEWEST_OWN_EVENTS:
        raise BadInput(
            f"{path}: {events} events and {known.height - events} years without one in {known.height} known rows; "
            f"training needs at least {FEWEST_OWN_EVENTS} of each"
        )
    latest = int(known["year"].max())  # type: ignore[arg-type]
    grid = list_partner_years(FIRST_YEAR, max(latest, LATEST_ORIGIN))
    happened = grid.join(table, on=["iso3", "year"], how="left").sort("iso3", "year")
    lag = max(0, LATEST_ORIGIN - latest) if profile == "snapshot" else 0
    return Outcome(
        path.stem, happened, lag, pl.col(EVENT_FEATURE) == 1, horizon=horizon, signs=list_own_signs(snapshot.folder)
    )


def add_event_history(panel: pl.DataFrame, outcome: Outcome, snapshot: Snapshot) -> pl.DataFrame:
    """The panel with the outcome's own past, as known at each origin: own_event and what derives from it."""
    event = outcome.happened.select("iso3", "year", pl.col("event").cast(pl.Float64).alias(EVENT_FEATURE))
    derived = [
        *(shift_measure(EVENT_FEATURE, years) for years in (1, 2, 5)),
        *(compute_total(EVENT_FEATURE, years) for years in (5, 10, 30)),
        *(smooth_measure(EVENT_FEATURE, half_life) for half_life in (3, 10)),
        count_years_since(EVENT_FEATURE, 1),
    ]
    history = pad_states(event, LONGEST_WINDOW).with_columns(derived).drop_nulls("iso3").drop("state", "row")
    past = history.with_columns(origin=pl.col("year") + outcome.lag).drop("year")
    joined = panel.join(past, on=["iso3", "origin"], how="left", maintain_order="left")
    return joined.join(
        _average_neighbor_events(joined, snapshot), on=["iso3", "origin"], how="left", maintain_order="left"
    )


def _average_neighbor_events(panel: pl.DataFrame, snapshot: Snapshot) -> pl.DataFrame:
    """Mean of the neighbours' smoothed past: iso3, origin, own_event_nb."""
    borders = snapshot.read_table("alliances", "neighbours").select("iso3", "neighbour", "first", "last")
    values = panel.select("iso3", "origin", f"{EVENT_FEATURE}_ewm3")
    pairs = values.select("iso3", "origin").join(borders, on="iso3")
    open_borders = pairs.filter(
        pl.col("origin") >= pl.col("first"), pl.col("origin") <= pl.col("last").fill_null(LATEST_ORIGIN)
    )
    return (
        open_borders.select("iso3", "origin", "neighbour")
        .unique()
        .join(values, left_on=["neighbour", "origin"], right_on=["iso3", "origin"])
        .group_by("iso3", "origin")
        .agg(pl.col(f"{EVENT_FEATURE}_ewm3").mean().round(9).alias(f"{EVENT_FEATURE}_nb"))
    )


def _read_plain_text(path: Path) -> bytes:
    """The file's content, checked to be plain text of a limited size: a packed file could unpack without end."""
    if not path.is_file():
        raise BadInput(f"{path}: {'not a file' if path.exists() else 'no such file'}")
    if (size := path.stat().st_size) > LARGEST_FILE_BYTES:
        raise BadInput(f"{path}: {size:,} bytes; the limit is {LARGEST_FILE_BYTES:,}")
    content = path.read_bytes()
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    return content


def _parse_events(path: Path) -> pl.DataFrame:
    """iso3, year and event (boolean or null), each key once."""
    try:
        text = pl.read_csv(_read_plain_text(path), infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise BadInput(f"{path}: cannot be read as CSV: {find_first_line(error)}") from None
    if missing := [name for name in EVENT_COLUMNS if name not in text.columns]:
        raise BadInput(f"{path}: column {missing[0]} is missing: found {text.columns[:12]}, expected {EVENT_COLUMNS}")
    trimmed = text.select(pl.col(EVENT_COLUMNS).str.strip_chars()).with_row_index("row", offset=2)
    known = trimmed.with_columns(
        number=pl.col("year").cast(pl.Int64, strict=False), value=pl.col("event").cast(pl.Float64, strict=False)
    )
    states = set(load_partners()["iso3"])
    event = pl.col("event").fill_null("")
    checks = {
        "iso3": (~pl.col("iso3").fill_null("").is_in(states), "the ISO3 code of a state in the partner table"),
        "year": (~pl.col("number").fill_null(0).is_between(1800, 2100), "a year"),
        "event": ((event != "") & ~pl.col("value").is_in([0.0, 1.0]).fill_null(False), "1, 0 or empty"),
    }
    for name, (wrong, expected) in checks.items():
        if (rows := known.filter(wrong)).height:
            row = rows.row(0, named=True)
            raise BadInput(f"{path}: row {row['row']}, column {name}: found {row[name]!r}, expected {expected}")
    repeated = known.filter(pl.struct("iso3", "number").is_duplicated())
    if repeated.height:
        row = repeated.row(0, named=True)
        raise BadInput(f"{path}: row {row['row']}: {row['iso3']} {row['number']} is listed more than once")
    return known.select("iso3", year="number", event=pl.col("value") == 1).filter(pl.col("year") >= FIRST_YEAR)
