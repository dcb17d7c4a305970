"""A user's own outcomes, from invented files: read strictly, and forecast only from what was known."""

from pathlib import Path

import polars as pl
import pytest

from features.bad_input import BadInput
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from models.evaluation.own_outcome import EVENT_FEATURE, add_event_history, read_outcome
from models.training.outcomes import find_events_ahead

STATES = ("EGY", "SDN", "SWE", "FRA")


def written(path: Path, **changes: str) -> Path:
    """An invented file: in every fifth year each of four states has an event; some lines changed."""
    lines = {
        f"{state},{year}": f"{state},{year},{int((year + place) % 5 == 0)}"
        for place, state in enumerate(STATES)
        for year in range(1985, 2021)
    }
    path.write_text("\n".join(["iso3,year,event", *(lines | changes).values()]) + "\n", encoding="utf-8")
    return path


def test_an_empty_event_is_unknown_and_neither_yes_nor_no(tmp_path: Path) -> None:
    path = written(tmp_path / "events.csv", **{"EGY,2001": "EGY,2001,", "EGY,2002": "EGY,2002,0"})
    happened = read_outcome(path, "calendar", 2, snapshot=CURRENT_SNAPSHOT).happened.filter(iso3="EGY")
    assert happened.filter(year=2001)["event"].item() is None
    observed = find_events_ahead(happened, 2).filter(origin=2000)["observed"].item()
    assert observed is None


def test_what_is_observed_covers_the_whole_horizon(tmp_path: Path) -> None:
    happened = read_outcome(written(tmp_path / "events.csv"), "calendar", 3, snapshot=CURRENT_SNAPSHOT).happened.filter(
        iso3="EGY"
    )
    seen = dict(find_events_ahead(happened, 3).select("origin", "observed").iter_rows())
    assert seen[2001] is False and seen[2002] is True  # the next event is that of 2005
    assert seen[2018] is True and seen[2019] is True  # 2020 has one, whatever 2021 holds
    assert seen[2020] is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("XXX,2001,1", "row .*, column iso3: found 'XXX', expected the ISO3 code"),
        ("EGY,later,1", "row .*, column year: found 'later', expected a year"),
        ("EGY,2001,2", "row .*, column event: found '2', expected 1, 0 or empty"),
        ("EGY,2001,yes", "row .*, column event: found 'yes'"),
        ("EGY,2002,0", "row .*: EGY 2002 is listed more than once"),
    ],
)
def test_a_line_that_cannot_be_right_is_refused_with_its_row(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as refused:
        read_outcome(written(tmp_path / "events.csv", **{"EGY,2001": line}), "calendar", 2, snapshot=CURRENT_SNAPSHOT)
    assert "\n" not in str(refused.value)


def test_too_few_events_and_a_missing_file_or_column_are_refused_in_one_line(tmp_path: Path) -> None:
    few = tmp_path / "few.csv"
    few.write_text("iso3,year,event\nEGY,2001,1\nEGY,2002,0\n", encoding="utf-8")
    with pytest.raises(BadInput, match="1 events and 1 years without one in 2 known rows"):
        read_outcome(few, "calendar", 2, snapshot=CURRENT_SNAPSHOT)
    with pytest.raises(BadInput, match="no such file"):
        read_outcome(tmp_path / "none.csv", "calendar", 2, snapshot=CURRENT_SNAPSHOT)
    few.write_text("iso3,year\nEGY,2001\n", encoding="utf-8")
    with pytest.raises(BadInput, match="column event is missing"):
        read_outcome(few, "calendar", 2, snapshot=CURRENT_SNAPSHOT)


def test_the_files_past_becomes_features_as_late_as_the_file_is(tmp_path: Path, panel: pl.DataFrame) -> None:
    outcome = read_outcome(written(tmp_path / "events.csv"), "snapshot", 2, snapshot=CURRENT_SNAPSHOT)
    assert outcome.lag == 5
    rows = add_event_history(panel, outcome, snapshot=CURRENT_SNAPSHOT).filter(iso3="EGY")
    known = dict(rows.select("origin", EVENT_FEATURE).iter_rows())
    assert known[2005] == 1 and known[2010] == 1 and known[2009] == 0  # the event of 2000 is known in 2005
    assert rows.filter(origin=2012)[f"{EVENT_FEATURE}_since"].item() == 2
