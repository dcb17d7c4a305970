"""Every issue of scores is recorded once, whole, after its outputs are in place, and none is lost to a failure."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from features.bad_input import BadInput
from risk.ledger.issues import read_release, record_around_run, record_missed_release, record_release
from risk.ledger.ledger_files import LedgerFiles
from risk.ledger.reader import examine_ledger, read_lines
from risk.outputs.atomic_swap import STAGING_FOLDER, hold_run_lock
from tests.conftest import FinishedRun
from tests.risk.ledger.invented_ledger import flip_bit
from tests.risk.publishing.test_publish import issue


@pytest.fixture
def place(tmp_path: Path) -> LedgerFiles:
    return LedgerFiles(tmp_path / "ledger" / "ledger.db")


@pytest.fixture(scope="module")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The outputs of an invented issue for three partners."""
    folder = tmp_path_factory.mktemp("issued")
    issue(folder)
    return folder


@pytest.fixture
def out(published_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published_once, tmp_path / "out"))


def reissue(out: Path, rulebook: str = "r") -> None:
    """Put the same figures in place as decided by another rulebook."""
    record = json.loads((out / "run.json").read_text())
    (out / "run.json").write_text(json.dumps(record | {"rulebook": rulebook}))


def kinds(place: LedgerFiles) -> list[str]:
    return [line.kind for line in read_lines(place)]


def test_an_issue_is_one_line_for_what_decided_it_and_one_for_each_partner(out: Path, place: LedgerFiles) -> None:
    line = record_release(out, place, "Anna")
    assert line is not None and (line.number, line.who, line.content["rulebook"]) == (1, "Anna", "r")
    assert kinds(place) == ["issue", "figures", "figures", "figures"]
    figures = {message["iso3"]: message for message in (line.content for line in read_lines(place)[1:])}
    assert figures["ALD"]["outcomes"]["misuse"] == {
        "probability": 0.3142, "low": 0.2211, "high": 0.4178, "status": "ongoing", "tier": "elevated",
    }  # fmt: skip
    assert figures["ALD"]["package"]["child_soldiers_list"] == "applies"
    assert figures["ALD"]["package"]["unit_killings"] == "refer"
    assert (figures["CIM"]["outcomes"]["coup"]["probability"], figures["CIM"]["leverage"]) == (None, None)
    assert figures["BRE"]["posture"] == "invest" and figures["BRE"]["issue"] == 1


def test_the_same_issue_again_adds_nothing_and_another_is_added(out: Path, place: LedgerFiles) -> None:
    record_release(out, place)
    assert record_release(out, place) is None and len(kinds(place)) == 4
    reissue(out, "newer")
    assert record_release(out, place) is not None
    reissue(out)
    assert record_release(out, place) is not None
    assert kinds(place).count("issue") == 3 and examine_ledger(place)[1:] == ([], [])


def test_figures_that_differ_under_the_same_checksums_are_another_issue(out: Path, place: LedgerFiles) -> None:
    record_release(out, place)
    pl.read_parquet(out / "scores.parquet").with_columns(low=pl.lit(0.2)).write_parquet(out / "scores.parquet")
    line = record_release(out, place)
    assert line is not None and line.number == 5


def test_outputs_that_a_killed_run_left_unrecorded_are_recorded_before_the_next_replaces_them(
    out: Path, place: LedgerFiles
) -> None:
    with record_around_run(out, place):
        reissue(out, "newer")
    message = [line.content["rulebook"] for line in read_lines(place) if line.kind == "issue"]
    assert message == ["r", "newer"]


def test_an_exchange_cut_short_is_undone_before_what_is_in_place_is_recorded(out: Path, place: LedgerFiles) -> None:
    (out / ".previous").mkdir()
    (out / STAGING_FOLDER).mkdir()
    (out / "run.json").replace(out / ".previous" / "run.json")
    shutil.copy(out / ".previous" / "run.json", out / "run.json")
    reissue(out, "newer")
    record_missed_release(out, place)
    assert [line.content["rulebook"] for line in read_lines(place) if line.kind == "issue"] == ["r"]


def test_nothing_is_replaced_while_the_ledger_cannot_take_what_is_in_place(out: Path, place: LedgerFiles) -> None:
    record_release(out, place)
    flip_bit(place.database, place.database.read_bytes().index(b'"rulebook"'))
    with pytest.raises(BadInput, match="altered"), record_around_run(out, place):
        pytest.fail("the run must not begin")


def test_a_ledger_that_fails_after_the_run_leaves_the_new_outputs_and_the_next_command_records_them(
    out: Path, place: LedgerFiles
) -> None:
    message = "new outputs in .* are complete, and the next command records them"
    with pytest.raises(BadInput, match=message), record_around_run(out, place):
        reissue(out, "newer")
        kept = place.database.read_bytes()
        flip_bit(place.database, place.database.read_bytes().index(b'"rulebook"'))
    assert read_release(out) is not None and '"newer"' in (out / "run.json").read_text()
    place.database.write_bytes(kept)
    record_missed_release(out, place)
    assert kinds(place).count("issue") == 2 and examine_ledger(place)[1:] == ([], [])


def test_a_run_that_fails_records_nothing_more(out: Path, place: LedgerFiles) -> None:
    with pytest.raises(BadInput, match="invented"), record_around_run(out, place):
        raise BadInput("invented")
    assert kinds(place).count("issue") == 1


def test_a_run_under_way_records_for_itself(out: Path, place: LedgerFiles) -> None:
    with hold_run_lock(out):
        record_missed_release(out, place)
    assert read_lines(place) == []


def test_without_outputs_or_without_a_ledger_there_is_nothing_to_record(tmp_path: Path, place: LedgerFiles) -> None:
    record_missed_release(tmp_path / "none", place)
    assert record_release(tmp_path, place) is None
    with record_around_run(tmp_path, None):
        pass
    assert not place.database.exists()


def test_outputs_that_cannot_be_read_are_refused_in_one_line(out: Path, place: LedgerFiles) -> None:
    (out / "scores.parquet").write_bytes(b"PAR1")
    with pytest.raises(BadInput, match="outputs cannot be read") as refused:
        record_release(out, place)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["scores.parquet", "run.json", "decisions.parquet"])
def test_outputs_that_nobody_can_read_do_not_keep_a_run_from_replacing_them(
    out: Path, published_once: Path, place: LedgerFiles, name: str
) -> None:
    (out / name).write_bytes(b"PAR1")
    record_missed_release(out, place)
    with record_around_run(out, place):
        shutil.copy(published_once / name, out / name)
    assert kinds(place).count("issue") == 1


def test_a_real_issue_holds_every_partner_outcome_and_rule(finished_run: FinishedRun, place: LedgerFiles) -> None:
    record_release(finished_run.out, place)
    lines = read_lines(place)
    decisions = pl.read_parquet(finished_run.out / "decisions.parquet")
    assert lines[0].content["partners"] == len(lines) - 1 == finished_run.result.partners.height
    assert sum(len(line.content["package"]) for line in lines[1:]) == decisions.height
    assert {len(line.content["outcomes"]) for line in lines[1:]} == {4}
    assert record_release(finished_run.out, place) is None
