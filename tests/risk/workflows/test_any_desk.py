"""The engine in a Python without what only Unix has, in every process that it starts; not Windows itself."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import features
import models
import risk
from tests.conftest import FinishedRun
from tests.risk.command_line import RISK_COMMAND, ROOT_FOLDER, read_contents

# Python runs this as it starts, so that the workers of a command miss the same things.
LACKING = """
import os, signal, sys
for name in ("fcntl", "grp", "pwd", "resource", "syslog", "termios", "tty"):
    sys.modules[name] = None
for module, names in (
    (os, ("fork", "forkpty", "getpgid", "getuid", "killpg", "mkfifo", "sched_getaffinity", "setsid")),
    (signal, ("SIGALRM", "SIGHUP", "SIGQUIT", "alarm", "pause", "pthread_sigmask", "setitimer")),
):
    for name in names:
        delattr(module, name)
"""


@pytest.fixture
def desk(tmp_path: Path) -> dict[str, str]:
    """The environment of a desk without Unix."""
    (tmp_path / "lacking").mkdir()
    (tmp_path / "lacking" / "sitecustomize.py").write_text(LACKING, encoding="utf-8")
    # There filelock has no lock of the system to take, and says so of the files it makes do with.
    return os.environ | {
        "PYTHONPATH": os.pathsep.join((str(tmp_path / "lacking"), str(ROOT_FOLDER))),
        "PYTHONWARNINGS": "ignore:only soft file lock",
    }


def told(desk: dict[str, str], *command: object) -> str:
    """What a command prints that must come to its end."""
    done = subprocess.run([*map(str, command)], cwd=ROOT_FOLDER, env=desk, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_module_of_the_engine_is_imported_where_nothing_is_of_unix(desk: dict[str, str]) -> None:
    names = [
        ".".join(path.relative_to(ROOT_FOLDER).with_suffix("").parts)
        for room in (features, models, risk)
        for path in sorted(Path(room.__file__ or "").parent.rglob("*.py"))
        if path.name != "__init__.py"
    ]
    assert len(names) > 150
    program = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]; import fcntl"
    done = subprocess.run(
        [RISK_COMMAND[0], "-c", program, *names], cwd=ROOT_FOLDER, env=desk, capture_output=True, text=True
    )
    assert done.stderr.splitlines()[-1] == "ModuleNotFoundError: import of fcntl halted; None in sys.modules"


def test_scores_and_an_entry_in_the_ledger_are_written_where_nothing_is_of_unix(
    finished_run: FinishedRun, desk: dict[str, str], tmp_path: Path
) -> None:
    out, ledger = tmp_path / "out", tmp_path / "ledger"
    shutil.copytree(finished_run.out / "models", out / "models")
    told(desk, *RISK_COMMAND, "score", "--out", out, "--ledger", ledger)
    tables = {
        name: content
        for name, content in read_contents(finished_run.out).items()
        if name.endswith(".parquet") and "cases" not in name
    }
    made = read_contents(out)
    assert len(tables) > 8 and {name: made[name] for name in tables} == tables
    assert {name for name in read_contents(finished_run.out) if name.startswith("reports")} <= made.keys()
    note = (*RISK_COMMAND, "ledger", "note", "EGY", "Invented.", "--by", "Anna", "--out", out, "--ledger", ledger)
    assert "added" in told(desk, *note)
    told(desk, *RISK_COMMAND, "ledger", "verify", "--ledger", ledger)
