"""The fault harness itself: kills hit their targets, damage is reported, and intact state is not."""

from pathlib import Path

import pytest

from bench.faults.changed_files import write_published_files
from bench.faults.killing import KillResult, KillStage, UndisturbedRun, kill_stage_repeatedly
from bench.faults.run_all import share_kills
from bench.faults.sandbox import CommandResult, KillMoment, Sandbox, compute_folder_digest, list_leftovers
from bench.faults.soak import check_memory_growth
from features.snapshot.cards import RAW_FOLDER
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from features.sources import coups, pts


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """A copy without outputs."""
    folder = tmp_path_factory.mktemp("faults")
    (folder / "none").mkdir()
    return Sandbox(folder / "copy", folder / "none")


NOTE = ("ledger", "note", "NOR", "Invented.", "--by", "invented")


def test_a_command_is_killed_before_the_given_move_or_runs_to_its_end(sandbox: Sandbox) -> None:
    whole = sandbox.run_command(NOTE)
    assert (whole.killed, whole.code) == (False, 0) and 2 <= whole.moves < 20 and "Line 1 added" in whole.output
    first = sandbox.run_command(NOTE, KillMoment(None, 1))
    assert first.killed and first.output == ""
    early = sandbox.run_command(NOTE, KillMoment(0.0))
    assert early.killed and early.seconds < whole.seconds
    assert list_leftovers(sandbox.root) == []


class Invented:
    """A stage that runs no command and has fixed states."""

    title, remark = "invented", ""

    def __init__(self, found: str, lost: list[str]) -> None:
        self.found, self.gone = found, lost

    def prepare_states(self, sandbox: Sandbox) -> UndisturbedRun:
        return UndisturbedRun(0.01, 0)

    def prepare_target(self, sandbox: Sandbox, target: str) -> None:
        pass

    def build_command(self, target: str) -> tuple[str, ...]:
        return NOTE

    def find_state(self, sandbox: Sandbox, ran: CommandResult, now: str, target: str) -> str:
        return self.found or now

    def list_losses(self, sandbox: Sandbox, ran: CommandResult) -> list[str]:
        return self.gone


class Answering(Sandbox):
    """A sandbox whose commands all end with a fixed code."""

    def __init__(self, root: Path, code: int) -> None:
        self.root, self.code = root, code

    def run_command(self, words: object, moment: KillMoment = KillMoment(), limit: float = 0) -> CommandResult:  # noqa: B008
        return CommandResult(moment.seconds is not None, -9 if moment.seconds is not None else self.code, "", 0.0, 0)

    def ask_session(self, *words: str) -> tuple[int, str]:
        return self.code, "it failed"


def killed(tmp_path: Path, code: int = 0, found: str = "", lost: list[str] | None = None) -> KillResult:
    stage: KillStage = Invented(found, lost or [])
    return kill_stage_repeatedly(stage, Answering(tmp_path, code), 2, 1)


def test_a_mixed_state_a_loss_and_a_command_that_fails_are_faults_each(tmp_path: Path) -> None:
    well = killed(tmp_path)
    assert (well.kills, well.old_count, well.new_count, well.faults) == (2, 2, 0, [])
    assert "neither the old nor the new: mixed" in killed(tmp_path, found="mixed").faults[0]
    assert "a line is gone" in killed(tmp_path, lost=["a line is gone"]).faults[0]
    assert any("exited with code 1: it failed" in fault for fault in killed(tmp_path, code=1).faults)
    (tmp_path / ".previous").mkdir()
    assert killed(tmp_path).faults == ["at the end: left over: .previous"]


def test_published_files_laid_out_compile_to_the_snapshot_but_for_the_value_raised(tmp_path: Path) -> None:
    write_published_files(tmp_path / "same", RAW_FOLDER, 0)
    write_published_files(tmp_path / "other", RAW_FOLDER, 1)
    for source, table, reader in (("pts", "scores", pts), ("coups", "events", coups)):
        held = CURRENT_SNAPSHOT.read_table(source, table)
        same, other = (reader.compile_tables(tmp_path / name)[table] for name in ("same", "other"))
        assert same.sort("iso3", "year").select(held.columns).equals(held)
        assert other.sort("iso3", "year").select(held.columns).filter(iso3="NOR", year=2010).row(0)[2] == (
            held.filter(iso3="NOR", year=2010).row(0)[2] + 1
        )


def test_a_digest_covers_every_byte_and_name_but_not_the_seconds_a_run_took(tmp_path: Path) -> None:
    run = tmp_path / "run.json"
    run.write_text('{"seconds": {"a": 1}, "snapshot": "x"}')
    (tmp_path / "scores.csv").write_text("1")
    before = compute_folder_digest(tmp_path)
    run.write_text('{"seconds": {"a": 2}, "snapshot": "x"}')
    assert compute_folder_digest(tmp_path) == before
    (tmp_path / "scores.csv").write_text("2")
    assert compute_folder_digest(tmp_path) != before and compute_folder_digest(tmp_path, ("scores",)) != before


def test_kills_are_shared_out_whole_and_growing_memory_is_reported() -> None:
    assert sum(share_kills(200).values()) == 200 and min(share_kills(5).values()) == 1
    assert check_memory_growth([500, 600, 600, 640, 680, 720, 760]) and not check_memory_growth(
        [300, 500, 600, 601, 599, 602, 600]
    )
