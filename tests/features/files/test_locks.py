"""Locks: one holder or several, released by a kill, and fair to waiting processes."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from features.bad_input import BadInput
from features.files.locks import PAUSE, can_lock, hold_alone, hold_lock, share_lock

ROOT = Path(__file__).resolve().parents[3]
TAKEN = BadInput("taken")
HOLDING = """
import sys, time
from pathlib import Path
from features.files import locks
from features.bad_input import BadInput
path = Path(sys.argv[2])
with locks.hold_lock(path, BadInput("taken")) if sys.argv[1] == "hold_lock" else getattr(locks, sys.argv[1])(path):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def another(lock: str, path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lock until it is killed."""
    process = subprocess.Popen([sys.executable, "-c", HOLDING, lock, path], cwd=ROOT, text=True, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_lock_is_refused_while_another_has_it_and_free_once_that_one_is_killed(tmp_path: Path) -> None:
    with another("hold_lock", tmp_path / "lock"):
        for patience in (0.0, 0.05):
            with pytest.raises(BadInput, match="taken"), hold_lock(tmp_path / "lock", TAKEN, patience):
                pytest.fail("two hold the lock")
    with hold_lock(tmp_path / "lock", TAKEN):
        pass
    assert (tmp_path / "lock").is_file()


@pytest.mark.parametrize(("theirs", "ours"), [("share_lock", hold_alone), ("hold_alone", share_lock)])
def test_a_shared_lock_is_not_held_alone_and_a_kill_frees_it(tmp_path: Path, theirs: str, ours: object) -> None:
    had = threading.Event()

    def wait() -> None:
        with ours(tmp_path / "lock"):  # type: ignore[operator]
            had.set()

    with another(theirs, tmp_path / "lock"):
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not had.wait(0.3)
    waiting.join(10)
    assert had.is_set()


def test_several_share_a_lock_and_one_may_share_it_again_while_another_waits_to_be_alone(tmp_path: Path) -> None:
    path, order = tmp_path / "lock", list[str]()

    def exchange() -> None:
        with hold_alone(path):
            order.append("alone")

    writer = threading.Thread(target=exchange)
    with another("share_lock", path), share_lock(path):
        writer.start()
        writer.join(0.2)
        with share_lock(path):
            order.append("shared")
    writer.join(10)
    assert order == ["shared", "alone"]


def test_whoever_has_just_let_go_lets_one_who_waits_go_first(tmp_path: Path) -> None:
    path, order = tmp_path / "lock", list[str]()

    def wait() -> None:
        with hold_lock(path, TAKEN, 10):
            order.append("waited")

    with hold_lock(path, TAKEN, 10):
        waiting = threading.Thread(target=wait)
        waiting.start()
        waiting.join(20 * PAUSE)
    with hold_lock(path, TAKEN, 10):
        order.append("again")
    waiting.join(10)
    assert order == ["waited", "again"]


def test_a_file_that_is_no_lock_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("no lock of this engine, and longer than the hundred bytes of a header " * 9)
    for lock in (share_lock, hold_alone):
        with pytest.raises(BadInput, match="lock: cannot be locked") as refused, lock(tmp_path / "lock"):
            pytest.fail("it was locked")
        assert "\n" not in str(refused.value)


def test_a_lock_in_a_folder_that_is_not_there_cannot_be_had(tmp_path: Path) -> None:
    assert not can_lock(tmp_path / "none" / "lock") and can_lock(tmp_path / "lock")
