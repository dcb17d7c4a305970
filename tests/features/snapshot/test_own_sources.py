"""An invented indicator is added to a copy of the snapshot, follows the lag and age rules, and is deleted again."""

import shutil
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.bad_input import BadInput
from features.intake.own_indicator import delete_own_source, install_own_source, read_own_indicator
from features.labels import describe_features
from features.panel import PANEL_KEYS, build_panel, check_panel, find_feature_themes
from features.snapshot.compile import compute_snapshot_checksum, verify_snapshot
from features.snapshot.own_sources import find_own_folder, list_own_features, list_own_signs, list_own_sources
from features.snapshot.snapshot import CURRENT_SNAPSHOT, Snapshot
from features.themes.own_indicators import build_own_indicators
from features.timing.as_known import list_origins
from features.vocabulary import LATEST_ORIGIN, Profile
from tests.features.intake.invented_indicator import (
    CALM_COLUMN,
    DAYS_COLUMN,
    INVENTED_SOURCE,
    build_invented_rows,
    write_indicator,
)
from tests.features.snapshot.changed_snapshots import copy_snapshot

COLUMNS = [f"{name}{ending}" for name in (DAYS_COLUMN, CALM_COLUMN) for ending in ("", "_d1", "_d5", "_age")]


def added(raw: Path, folder: Path) -> Path:
    install_own_source(read_own_indicator(folder, raw), raw)
    return raw


def read_own_columns(profile: Profile, raw: Path) -> pl.DataFrame:
    """Panel columns of own indicators."""
    return list_origins().hstack(build_own_indicators(profile, Snapshot(raw)).select(COLUMNS))


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    return added(copy_snapshot(folder), write_indicator(folder / "source"))


@pytest.fixture(scope="module")
def with_own(raw: Path) -> pl.DataFrame:
    return build_panel("snapshot", Snapshot(raw))


def test_the_panel_gains_level_changes_and_age_and_nothing_else_moves(
    panel: pl.DataFrame, with_own: pl.DataFrame
) -> None:
    assert sorted(set(with_own.columns) - set(panel.columns)) == sorted(COLUMNS)
    assert with_own.columns[: panel.width] == panel.columns
    assert_frame_equal(with_own.drop(COLUMNS), panel)


def test_theme_label_unit_and_sign_are_those_of_the_card(raw: Path) -> None:
    assert list_own_features(raw) == {name: "conflict" if DAYS_COLUMN in name else "governance" for name in COLUMNS}
    assert set(COLUMNS) <= set(find_feature_themes(Snapshot(raw)))
    assert list_own_signs(raw) == {DAYS_COLUMN: 1, CALM_COLUMN: -1}
    labels = {
        row["feature"]: row
        for row in describe_features(Snapshot(raw)).filter(source=INVENTED_SOURCE).iter_rows(named=True)
    }
    assert sorted(labels) == sorted(COLUMNS)
    assert labels[f"{DAYS_COLUMN}_d5"]["label"] == "Invented days of unrest, change over 5 years"
    assert labels[CALM_COLUMN]["unit"] == "index 0-1, higher is better"


def test_an_origin_reads_the_value_of_the_year_that_the_lag_allows_and_its_age(with_own: pl.DataFrame) -> None:
    values = dict(build_invented_rows().filter(iso3="EGY").select("year", DAYS_COLUMN).iter_rows())
    rows = {row["origin"]: row for row in with_own.filter(iso3="EGY").iter_rows(named=True)}
    assert rows[LATEST_ORIGIN][DAYS_COLUMN] == values[2023] and rows[LATEST_ORIGIN][f"{DAYS_COLUMN}_age"] == 2
    assert rows[2010][DAYS_COLUMN] == values[2008] and rows[2010][f"{DAYS_COLUMN}_d5"] == values[2008] - values[2003]
    assert rows[1981][DAYS_COLUMN] is None and rows[1981][f"{DAYS_COLUMN}_age"] is None


def test_what_is_known_at_an_origin_does_not_move_with_what_came_later(tmp_path: Path, raw: Path) -> None:
    def shuffled(frame: pl.DataFrame) -> pl.DataFrame:
        ahead = frame.filter(pl.col("year") > 2005)
        values = ahead.drop(*PANEL_KEYS[:1], "year").sample(fraction=1.0, shuffle=True, seed=7)
        return pl.concat([frame.filter(pl.col("year") <= 2005), ahead.select("iso3", "year").hstack(values)])

    (tmp_path / "raw").symlink_to(raw)
    other = added(tmp_path / "raw", write_indicator(tmp_path / "source", rows=shuffled))
    profiles: tuple[tuple[Profile, int], ...] = (("snapshot", 2007), ("calendar", 2005))
    for profile, last in profiles:
        before, after = (read_own_columns(profile, folder) for folder in (raw, other))
        assert_frame_equal(*(frame.filter(pl.col("origin") <= last) for frame in (before, after)))
        assert not before.filter(origin=last + 1).equals(after.filter(origin=last + 1))


def test_it_is_left_out_again_without_a_trace(tmp_path: Path) -> None:
    raw = copy_snapshot(tmp_path)
    before = compute_snapshot_checksum(raw)
    added(raw, write_indicator(tmp_path / "source"))
    assert compute_snapshot_checksum(raw) != before and list_own_sources(raw) == (INVENTED_SOURCE,)
    delete_own_source(INVENTED_SOURCE, raw)
    assert compute_snapshot_checksum(raw) == before and list_own_sources(raw) == () and list_own_features(raw) == {}
    assert list((find_own_folder(raw) / ".kept").iterdir()) == []
    assert build_own_indicators("snapshot", Snapshot(raw)).width == 0 and describe_features(Snapshot(raw)).equals(
        describe_features(CURRENT_SNAPSHOT)
    )
    with pytest.raises(BadInput, match="no own source 'invented_unrest'; added sources: none"):
        delete_own_source(INVENTED_SOURCE, raw)


def test_a_newer_version_takes_the_place_of_the_older_and_a_refused_one_leaves_it(tmp_path: Path) -> None:
    raw = added(copy_snapshot(tmp_path), write_indicator(tmp_path / "source"))
    first = compute_snapshot_checksum(raw)
    newer = write_indicator(tmp_path / "newer", rows=lambda frame: frame.filter(pl.col("year") <= 2022))
    added(raw, newer)
    second = compute_snapshot_checksum(raw)
    assert second != first and len(list((find_own_folder(raw) / ".kept").iterdir())) == 1
    with pytest.raises(BadInput):
        added(raw, write_indicator(tmp_path / "newer", rows=lambda frame: frame.head(3)))
    assert compute_snapshot_checksum(raw) == second
    verify_snapshot(raw)


@pytest.mark.parametrize(
    ("altered", "message"),
    [("days.csv", "altered or cut off: checksum"), ("card.yaml", "altered: checksum"), ("more.csv", "not listed on")],
)
def test_a_changed_byte_or_an_unlisted_file_is_found_and_adding_again_mends_it(
    tmp_path: Path, altered: str, message: str
) -> None:
    raw = added(copy_snapshot(tmp_path), write_indicator(tmp_path / "source"))
    path = find_own_folder(raw) / INVENTED_SOURCE / altered
    path.write_bytes(path.read_bytes().replace(b"2", b"3", 1) if path.exists() else b"iso3\n")
    with pytest.raises(BadInput, match=message) as refused:
        verify_snapshot(raw)
    assert altered in str(refused.value) and "\n" not in str(refused.value)
    added(raw, tmp_path / "source")
    verify_snapshot(raw)


def test_one_whose_last_value_is_too_old_is_missing_and_stops_nothing(tmp_path: Path, raw: Path) -> None:
    (tmp_path / "raw").symlink_to(raw)
    old = write_indicator(tmp_path / "source", rows=lambda _: build_invented_rows(1946, 1970))
    stale = read_own_columns("calendar", added(tmp_path / "raw", old))
    assert stale.select(COLUMNS).null_count().row(0) == (stale.height,) * len(COLUMNS)
    check_panel(stale.sort(PANEL_KEYS), set(list_own_features(raw)))


def test_the_snapshot_itself_is_never_written_to(tmp_path: Path) -> None:
    raw = copy_snapshot(tmp_path)
    kept = shutil.copytree(raw, tmp_path / "kept")
    added(raw, write_indicator(tmp_path / "source"))
    for path in kept.rglob("*.*"):
        assert (raw / path.relative_to(kept)).read_bytes() == path.read_bytes()
