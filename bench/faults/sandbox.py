"""A copy of the checkout with snapshot, outputs and ledger of its own, in which commands may be killed."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from features.bad_input import BadInput

PROJECT_ROOT = Path(__file__).resolve().parents[2]
COPIED_FOLDERS = ("features", "models", "risk", "docs", "data/raw")
FAULTS_FOLDER = Path(__file__).resolve().parent
COMPILED_FILES = shutil.ignore_patterns("__pycache__")
# Of a finished run, what a run of scores does not make or read.
UNWANTED_FILES = shutil.ignore_patterns("mlflow*", "champion.json", ".*", "cases", "backtest")


class CommandResult(NamedTuple):
    """One command that ran or was killed: whether it was killed, exit code, what it printed, seconds, moves made."""

    killed: bool
    code: int
    output: str
    seconds: float
    moves: int


class KillMoment(NamedTuple):
    """When to kill: after so many seconds, or before the n-th change of a file's place; neither: never."""

    seconds: float | None = None
    move: int = 0


class Sandbox:
    """The folder of one copied checkout, and the session that answers commands in it."""

    def __init__(self, root: Path, out: Path) -> None:
        """Copy the checkout and the outputs of a finished run."""
        self.root, self.out, self.raw = root, root / "out", root / "data" / "raw"
        self.ledger = root / "ledger" / "ledger.db"
        self._session: subprocess.Popen[str] | None = None
        for room in COPIED_FOLDERS:
            shutil.copytree(PROJECT_ROOT / room, root / room, ignore=COMPILED_FILES)
        shutil.copytree(out, self.out, ignore=UNWANTED_FILES)
        self.passing = root / "tmp" / "passing"
        self.passing.mkdir(parents=True)

    def run_command(self, words: Sequence[str], moment: KillMoment = KillMoment(), limit: float = 600) -> CommandResult:  # noqa: B008
        """One command in a process group of its own, killed whole at the moment asked."""
        told, printed = self.root / "tmp" / "moves.json", self.root / "tmp" / "printed.txt"
        told.unlink(missing_ok=True)
        command = [
            sys.executable,
            str(FAULTS_FOLDER / "stopping.py"),
            str(self.root),
            str(moment.move),
            str(told),
            *words,
        ]
        start = perf_counter()
        with printed.open("w") as to:
            process = subprocess.Popen(
                command, cwd=self.root, env=self.build_environment(), stdout=to, stderr=to, start_new_session=True
            )
            try:
                process.wait(limit if moment.seconds is None else moment.seconds)
            except subprocess.TimeoutExpired:
                pass
            finally:
                # Workers that a killed command left behind belong to its group.
                _kill_group(process)
        seconds = perf_counter() - start
        moves = int(json.loads(told.read_text())) if told.is_file() else 0
        self._clear_passing_folder()
        killed = process.returncode == -signal.SIGKILL
        return CommandResult(killed, process.returncode, printed.read_text(errors="replace"), seconds, moves)

    def ask_session(self, *words: str) -> tuple[int, str]:
        """A command answered by the sandbox's session."""
        if self._session is None:
            self._session = subprocess.Popen(
                [sys.executable, str(FAULTS_FOLDER / "session.py"), str(self.root)],
                cwd=self.root,
                env=self.build_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        assert self._session.stdin is not None and self._session.stdout is not None
        print(json.dumps(words), file=self._session.stdin, flush=True)
        line = self._session.stdout.readline()
        if not line:
            raise BadInput(f"risk {' '.join(words)}: the session ended; nothing more can be asked")
        code, said = json.loads(line)
        return int(code), str(said)

    def read_session_memory(self) -> int:
        """Megabytes that the session's process holds."""
        assert self._session is not None
        said = subprocess.run(("ps", "-o", "rss=", "-p", str(self._session.pid)), capture_output=True, text=True)
        return int(said.stdout) // 1024

    def build_environment(self) -> dict[str, str]:
        """Only what lies in the sandbox is used, and what is imported is compiled once."""
        kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONDONTWRITEBYTECODE",)}
        kept.pop("MLFLOW_TRACKING_URI", None)
        return kept | {
            "PYTHONPATH": str(self.root),
            "RISK_LEDGER": str(self.ledger.parent),
            # Beside the sandbox's own files, so that compiling is no move of theirs.
            "PYTHONPYCACHEPREFIX": str(self.root / "tmp" / "compiled"),
            "TMPDIR": str(self.passing),
            "PYTHONUNBUFFERED": "1",
            "COLUMNS": "200",
        }

    def close_session(self) -> None:
        """End the session."""
        if self._session is not None:
            _kill_group(self._session)

    def _clear_passing_folder(self) -> None:
        """What a killed command left in the folder for passing files, as a system clears it."""
        shutil.rmtree(self.passing, ignore_errors=True)
        self.passing.mkdir()


def _kill_group(process: "subprocess.Popen[Any]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def list_leftovers(folder: Path) -> list[str]:
    """Files and folders that no finished command leaves behind, by their names."""
    odd = (".staging", ".previous")
    found = [
        path
        for path in folder.rglob("*")
        if path.name in odd or path.suffix == ".new" or path.name.endswith(("-wal", "-shm", ".incoming"))
    ]
    return sorted(str(path.relative_to(folder)) for path in found)


def compute_folder_digest(folder: Path, without: Sequence[str] = ()) -> str:
    """One checksum over the names and bytes of all files a reader finds in a folder."""
    summed = sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = str(path.relative_to(folder))
        if not any(part.startswith(".") for part in path.relative_to(folder).parts) and not name.startswith(
            tuple(without) or "\0"
        ):
            summed.update(name.encode() + b"\0" + sha256(_read_comparable_bytes(path)).digest())
    return summed.hexdigest()


def _read_comparable_bytes(path: Path) -> bytes:
    """The bytes of a file without what honestly differs from run to run: seconds taken, and the day of a refresh."""
    content = path.read_bytes()
    if path.name == "run.json":
        return json.dumps({**json.loads(content), "seconds": None}, sort_keys=True).encode()
    if path.name == "card.yaml":
        return b"\n".join(line for line in content.splitlines() if not line.startswith((b"accessed:", b"release:")))
    return content
