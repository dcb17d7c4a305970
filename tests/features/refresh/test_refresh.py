"""A refresh of two sources from a local publisher: installed, refused, held, rolled back, interrupted."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import yaml

from features.bad_input import BadInput
from features.partners import load_partners
from features.refresh.exchange import compile_and_exchange, lock_for_reading, recover_exchange, roll_back_sources
from features.refresh.fetch import FetchLimits
from features.refresh.folders import SnapshotFolders, lock_refresh
from features.refresh.refresh import (
    RefreshRequest,
    RefreshResult,
    accept_held_issues,
    read_held_issues,
    refresh_sources,
)
from features.snapshot.cards import RAW_FOLDER, read_card
from features.snapshot.checksums import list_checksum_faults, write_checksum_list
from features.snapshot.compile import compute_snapshot_checksum, verify_snapshot
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from tests.features.refresh.invented_publisher import FakePublisher, PublisherAnswer, serve_publisher

TODAY = date(2026, 11, 26)
QUICK = FetchLimits(connect=1, read=0.5, total=3, tries=2, size=10_000_000, redirects=2, back_off=0.01, longest_wait=1)
PTS, COUPS = "/pts.csv", "/coups.txt"
Change = Callable[[pl.DataFrame], pl.DataFrame]


@pytest.fixture(scope="module")
def server() -> Iterator[FakePublisher]:
    with serve_publisher() as publisher:
        yield publisher


@pytest.fixture
def raw(tmp_path: Path, server: FakePublisher, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A snapshot of two sources and the partners, with the addresses of the test publisher on the cards."""
    for module in ("features.snapshot.compile", "features.refresh.refresh", "features.snapshot.freshness"):
        monkeypatch.setattr(f"{module}.SOURCES", ("coups", "pts"))
    folder = tmp_path / "data" / "raw"
    for source in ("coups", "pts", "partners"):
        shutil.copytree(RAW_FOLDER / source, folder / source)
    _readdress(folder, "pts", server.address + PTS)
    _readdress(folder, "coups", server.address + COUPS)
    server.set_answers(PTS, _pts())
    server.set_answers(COUPS, _coups())
    write_checksum_list(folder)
    return folder


def _readdress(folder: Path, source: str, *urls: str) -> None:
    path = folder / source / "card.yaml"
    card = yaml.safe_load(path.read_text(encoding="utf-8"))
    model = card["downloads"][0]["addresses"][0]
    card["downloads"][0]["addresses"] = [model | {"urls": [url]} for url in urls]
    path.write_text(yaml.safe_dump(card, sort_keys=False, allow_unicode=True, width=110), encoding="utf-8")


def _pts(change: Change = lambda table: table) -> PublisherAnswer:
    """The snapshot's own scores in the publisher's layout and encoding, with a change."""
    names = load_partners().select("iso3", Country_OLD="name")
    table = change(CURRENT_SNAPSHOT.read_table("pts", "scores")).join(names, on="iso3")
    layout = table.select(
        "Country_OLD", Year="year", PTS_S="pts_state", PTS_A="pts_amnesty", PTS_H="pts_hrw"
    ).write_csv()
    return PublisherAnswer(layout.encode("latin-1"))


def _coups() -> PublisherAnswer:
    """The snapshot's own coups in the authors' layout."""
    attempts, won = pl.col("coup_attempts"), pl.col("coup_successes")
    numbers = load_partners().select("iso3", ccode_gw="gw")
    layout = (
        CURRENT_SNAPSHOT.read_table("coups", "events")
        .join(numbers, on="iso3")
        .select(
            "year",
            "ccode_gw",
            **{
                f"coup{at}": pl.when(won >= at).then(2).when(attempts >= at).then(1).otherwise(0) for at in (1, 2, 3, 4)
            },
        )
    )
    return PublisherAnswer(layout.write_csv(separator="\t").encode())


def _next_year(table: pl.DataFrame) -> pl.DataFrame:
    """One more year, and Egypt's score of 2010 by the State Department revised by one class."""
    egypt = (pl.col("iso3") == "EGY") & (pl.col("year") == 2010)
    revised = table.with_columns(pts_state=pl.when(egypt).then(pl.col("pts_state") - 1).otherwise("pts_state"))
    newest = revised.filter(pl.col("year") == 2023).with_columns(year=pl.lit(2024, pl.Int64))
    return pl.concat([revised, newest])


def _run(raw: Path, **request: object) -> RefreshResult:
    return refresh_sources(RefreshRequest(**request), TODAY, raw, QUICK)  # type: ignore[arg-type]


def _states(result: RefreshResult) -> dict[str, str]:
    return {source.source: source.state for source in result.results}


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_files_that_say_nothing_new_change_no_byte(raw: Path) -> None:
    before = _bytes(raw)
    result = _run(raw)
    assert _states(result) == {"coups": "unchanged", "pts": "unchanged"}
    assert result.is_successful
    assert _bytes(raw) == before
    assert not SnapshotFolders(raw).candidate.exists()


def test_a_new_issue_is_compared_put_in_place_and_its_card_brought_up_to_date(raw: Path, server: FakePublisher) -> None:
    server.set_answers(PTS, _pts(_next_year))
    result = _run(raw)
    assert _states(result) == {"coups": "unchanged", "pts": "new"}
    verify_snapshot(raw)
    assert list(list_checksum_faults(raw)) == []
    card = read_card("pts", raw)
    assert (card.tables["scores"].latest_year, card.accessed, card.release) == (
        2024,
        TODAY,
        "2025 release, scores to 2024",
    )
    change = next(source for source in result.results if source.source == "pts").differences[0]
    assert (change.latest, change.revised, change.lost, change.partners_lost) == ((2023, 2024), 1, 0, [])
    assert change.gained == CURRENT_SNAPSHOT.read_table("pts", "scores").filter(pl.col("year") == 2023).height
    assert change.largest is not None
    assert (change.largest.key, change.largest.column) == ({"iso3": "EGY", "year": 2010}, "pts_state")
    assert change.largest.before == change.largest.after + 1  # type: ignore[operator]


def test_what_was_replaced_comes_back_byte_for_byte_and_can_be_undone_again(raw: Path, server: FakePublisher) -> None:
    before = _bytes(raw)
    server.set_answers(PTS, _pts(_next_year))
    _run(raw)
    after = _bytes(raw)
    assert after != before
    assert roll_back_sources("pts", SnapshotFolders(raw)) == ("0001", ["pts"])
    assert _bytes(raw) == before
    assert _bytes(SnapshotFolders(raw).replaced / "undone" / "pts") == _bytes_of(after, "pts")
    with pytest.raises(BadInput, match="no earlier release is kept, so there is nothing to roll back"):
        roll_back_sources(None, SnapshotFolders(raw))


def _bytes_of(files: dict[str, bytes], source: str) -> dict[str, bytes]:
    return {
        name.removeprefix(f"{source}/"): content for name, content in files.items() if name.startswith(f"{source}/")
    }


def _renamed(answer: PublisherAnswer) -> PublisherAnswer:
    return PublisherAnswer(answer.body.replace(b"PTS_S", b"PTS_STATE", 1))


FAULTS = {
    "gone": (PublisherAnswer(b"", 404), "server returned 404"),
    "down": (PublisherAnswer(b"", 500), "server returned 500"),
    "a web page": (PublisherAnswer(b"<html>moved</html>"), "found a web page, expected data"),
    "another layout": (_renamed, "column 'PTS_S' is missing"),
    "cut within": (
        PublisherAnswer(b"Country_OLD,Year,PTS_S,PTS_A,PTS_H\nEgypt,2023,4,4,4\n"),
        "1 rows, the card's floor",
    ),
    "out of range": (lambda a: PublisherAnswer(a.body.replace(b",5.0,", b",50.0,", 1)), "is outside 1 to 5"),
    "an unknown country": (lambda a: PublisherAnswer(a.body.replace(b"\nAlbania,", b"\nAtlantis,", 1)), "'Atlantis'"),
}


@pytest.mark.parametrize(("fault", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_source_that_fails_keeps_its_tables_and_the_other_goes_on(
    raw: Path,
    server: FakePublisher,
    fault: PublisherAnswer | Callable[[PublisherAnswer], PublisherAnswer],
    message: str,
) -> None:
    before = _bytes(raw)
    server.set_answers(PTS, fault if isinstance(fault, PublisherAnswer) else fault(_pts()))
    result = _run(raw)
    assert _states(result) == {"coups": "unchanged", "pts": "failed"}
    why = next(source for source in result.results if source.source == "pts").why
    assert message in why and "\n" not in why
    assert not result.is_successful
    assert _bytes(raw) == before


def test_the_alternative_serves_where_the_publishers_own_address_fails(raw: Path, server: FakePublisher) -> None:
    _readdress(raw, "pts", server.address + "/gone", server.set_answers("/other", _pts(_next_year)))
    result = _run(raw, sources=["pts"])
    assert _states(result) == {"pts": "new"}
    assert "server returned 404" in result.results[0].notes[0]


def test_the_alternative_serves_where_the_publishers_own_file_does_not_compile(
    raw: Path, server: FakePublisher
) -> None:
    _readdress(raw, "pts", server.set_answers("/odd", _renamed(_pts())), server.set_answers("/other", _pts(_next_year)))
    assert _states(_run(raw, sources=["pts"])) == {"pts": "new"}


BEYOND: dict[str, tuple[Change, str]] = {
    "a partner gone": (lambda t: t.filter(pl.col("iso3") != "EGY"), "partners missing: EGY"),
    "a year gone": (lambda t: t.filter(pl.col("year") != 1976), "years missing: 1976"),
    "an earlier end": (lambda t: t.filter(pl.col("year") < 2023), "ends in 2022, the one in use in 2023"),
    "rows gone": (
        lambda t: t.filter((pl.col("year") % 30 != 0) | (pl.col("iso3") < "E")),
        "rows missing, the card allows 2%",
    ),
    "many revised": (lambda t: t.with_columns(pl.col("pts_state").clip(2, 3)), "of the values revised"),
    "one far": (
        lambda t: t.with_columns(
            pts_state=pl.when((pl.col("iso3") == "NOR") & (pl.col("year") == 2023)).then(5.0).otherwise("pts_state")
        ),
        "pts_state of NOR 2023 moved from 1 to 5, 100% of its range; the card allows 50%",
    ),
}


@pytest.mark.parametrize(("change", "message"), BEYOND.values(), ids=BEYOND.keys())
def test_an_issue_beyond_the_cards_bounds_is_refused_until_accepted(
    raw: Path, server: FakePublisher, change: Change, message: str
) -> None:
    before = _bytes(raw)
    server.set_answers(PTS, _pts(change))
    result = _run(raw, sources=["pts"])
    assert _states(result) == {"pts": "refused"}
    assert message in result.results[0].why
    assert _bytes(raw) == before
    assert list(read_held_issues(raw)) == ["pts"]
    verify_snapshot(SnapshotFolders(raw).candidate)
    assert _states(_run(raw, sources=["pts"], accept=["pts"])) == {"pts": "new"}
    verify_snapshot(raw)
    assert not read_held_issues(raw)


def test_a_held_issue_waits_in_a_whole_candidate_until_accepted(raw: Path, server: FakePublisher) -> None:
    before, candidate = _bytes(raw), SnapshotFolders(raw).candidate
    server.set_answers(PTS, _pts(_next_year))
    assert _states(_run(raw, hold=True)) == {"coups": "unchanged", "pts": "held"}
    assert _bytes(raw) == before
    verify_snapshot(candidate)
    assert compute_snapshot_checksum(candidate) != compute_snapshot_checksum(raw)
    assert accept_held_issues([], raw) == ("0001", ["pts"])
    assert read_card("pts", raw).tables["scores"].latest_year == 2024
    assert not candidate.exists()


def test_a_held_issue_is_not_put_over_a_snapshot_that_has_changed_since(raw: Path, server: FakePublisher) -> None:
    server.set_answers(PTS, _pts(_next_year))
    _run(raw, hold=True)
    _readdress(raw, "pts", server.address + "/elsewhere")
    with pytest.raises(BadInput, match="pts has changed since its new release was compared"):
        accept_held_issues(["pts"], raw)
    with pytest.raises(BadInput, match="no release of 'coups' is held; held: pts"):
        accept_held_issues(["coups"], raw)


def test_given_files_of_one_source_leave_the_others_alone(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "files" / "pts").mkdir(parents=True)
    text = _pts(_next_year).body.decode("latin-1")
    (tmp_path / "files" / "pts" / "pts_1976_2023.csv").write_text(text, encoding="utf-8")
    result = _run(raw, source_folder=tmp_path / "files")
    assert _states(result) == {"coups": "not given", "pts": "new"}
    assert read_card("pts", raw).release.endswith("; files of 2026-11-26, their release not named")
    assert (SnapshotFolders(raw).downloads / "pts" / "pts_1976_2023.csv").is_file()


def test_a_release_can_be_named_for_given_files(raw: Path, tmp_path: Path, server: FakePublisher) -> None:
    (tmp_path / "pts").mkdir()
    (tmp_path / "pts" / "pts_1976_2023.csv").write_text(_pts(_next_year).body.decode("latin-1"), encoding="utf-8")
    _run(raw, source_folder=tmp_path, sources=["pts"], release="2025 release")
    assert read_card("pts", raw).release == "2025 release"
    with pytest.raises(BadInput, match="--release needs exactly one --source, found 0"):
        _run(raw, source_folder=tmp_path, release="2025 release")


def test_two_refreshes_at_once_are_refused(raw: Path) -> None:
    with lock_refresh(SnapshotFolders(raw)), pytest.raises(BadInput, match="another refresh is running"):
        _run(raw)


def test_an_unknown_source_or_folder_is_refused(raw: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="unknown source 'ptss'"):
        _run(raw, sources=["ptss"])
    with pytest.raises(BadInput, match="folder of published files not found"):
        _run(raw, source_folder=tmp_path / "nowhere")


@pytest.mark.parametrize("step", range(9))
def test_an_exchange_killed_at_any_rename_is_finished_or_undone_and_never_mixed(
    raw: Path, server: FakePublisher, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    server.set_answers(PTS, _pts(_next_year))
    server.set_answers(COUPS, PublisherAnswer(_coups().body.replace(b"\t2\t0\t0\t0", b"\t1\t0\t0\t0", 1)))
    before, calls = _bytes(raw), 0
    real = {name: getattr(Path, name) for name in ("rename", "unlink")}

    def dying(name: str) -> Callable[..., object]:
        def call(self: Path, *arguments: object, **options: object) -> object:
            nonlocal calls
            if self.is_relative_to(raw.parent) and (name == "rename" or self == SnapshotFolders(raw).journal):
                calls += 1
                if calls > step:
                    raise KeyboardInterrupt
            return real[name](self, *arguments, **options)

        return call

    with monkeypatch.context() as patched:
        for name in real:
            patched.setattr(Path, name, dying(name))
        try:
            _run(raw)
            completed = True
        except KeyboardInterrupt:
            completed = False
    assert completed == (step >= 5)
    with lock_for_reading(raw):
        verify_snapshot(raw)
    after = _bytes(raw)
    assert {name for name in before if after[name] != before[name]} >= {"pts/scores.csv", "coups/events.csv"}
    assert not recover_exchange(SnapshotFolders(raw))
    roll_back_sources(None, SnapshotFolders(raw))
    assert _bytes(raw) == before


def test_a_refresh_waits_for_those_who_read_and_then_exchanges(raw: Path, server: FakePublisher) -> None:
    import threading

    server.set_answers(PTS, _pts(_next_year))
    worker = threading.Thread(target=_run, args=(raw,))
    with lock_for_reading(raw):
        before = compute_snapshot_checksum(raw)
        worker.start()
        worker.join(0.5)
        assert compute_snapshot_checksum(raw) == before
    worker.join(20)
    assert compute_snapshot_checksum(raw) != before


def test_compiling_after_a_change_of_the_card_keeps_what_it_replaces(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "pts").mkdir()
    (tmp_path / "pts" / "pts_1976_2023.csv").write_text(_pts(_next_year).body.decode("latin-1"), encoding="utf-8")
    before = _bytes(raw)
    compile_and_exchange("pts", tmp_path, raw)
    assert read_card("pts", raw).tables["scores"].latest_year == 2024
    roll_back_sources("pts", SnapshotFolders(raw))
    assert _bytes(raw) == before
