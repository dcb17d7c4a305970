"""A sandbox: a copy of the checkout with its own snapshot, outputs and ledger, in which commands may be killed."""

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
# Files of a finished run that a score run neither writes nor reads.
UNWANTED_FILES = shutil.ignore_patterns("mlflow*", "champion.json", ".*", "cases", "backtest")


class CommandResult(NamedTuple):
    """A finished or killed command: whether it was killed, exit code, output, seconds, file moves."""

    killed: bool
    code: int
    output: str
    seconds: float
    moves: int


class KillMoment(NamedTuple):
    """When to kill: after `seconds`, or before file move number `move`; never if neither is set."""

    seconds: float | None = None
    move: int = 0


class Sandbox:
    """The folder of one copied checkout, and the session that runs commands in it."""

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
        """Run one command in its own process group, which is killed at the given moment."""
        moves_file, output_file = self.root / "tmp" / "moves.json", self.root / "tmp" / "printed.txt"
        moves_file.unlink(missing_ok=True)
        command = [
            sys.executable,
            str(FAULTS_FOLDER / "stopping.py"),
            str(self.root),
            str(moment.move),
            str(moves_file),
            *words,
        ]
        start = perf_counter()
        with output_file.open("w") as target:
            process = subprocess.Popen(
                command,
                cwd=self.root,
                env=self.build_environment(),
                stdout=target,
                stderr=target,
                start_new_session=True,
            )
            try:
                process.wait(limit if moment.seconds is None else moment.seconds)
            except subprocess.TimeoutExpired:
                pass
            finally:
                # A killed command's workers belong to its group.
                _kill_group(process)
        seconds = perf_counter() - start
        moves = int(json.loads(moves_file.read_text())) if moves_file.is_file() else 0
        self._clear_passing_folder()
        killed = process.returncode == -signal.SIGKILL
        return CommandResult(killed, process.returncode, output_file.read_text(errors="replace"), seconds, moves)

    def ask_session(self, *words: str) -> tuple[int, str]:
        """Run a command in the sandbox's session: exit code and output."""
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
            raise BadInput(f"risk {' '.join(words)}: the session ended; no more commands can run")
        code, output = json.loads(line)
        return int(code), str(output)

    def read_session_memory(self) -> int:
        """Megabytes used by the session's process."""
        assert self._session is not None
        ps = subprocess.run(("ps", "-o", "rss=", "-p", str(self._session.pid)), capture_output=True, text=True)
        return int(ps.stdout) // 1024

    def build_environment(self) -> dict[str, str]:
        """An environment that uses only the sandbox's files and compiles imports once."""
        inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONDONTWRITEBYTECODE",)}
        inherited.pop("MLFLOW_TRACKING_URI", None)
        return inherited | {
            "PYTHONPATH": str(self.root),
            "RISK_LEDGER": str(self.ledger.parent),
            # Apart from the sandbox's files, so that compiling does not count as a file move.
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
        """Clear the temporary folder of what a killed command left, as an operating system would."""
        shutil.rmtree(self.passing, ignore_errors=True)
        self.passing.mkdir()


def _kill_group(process: "subprocess.Popen[Any]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def list_leftovers(folder: Path) -> list[str]:
    """The names of files and folders that no finished command leaves behind."""
    unfinished_names = (".staging", ".previous")
    leftovers = [
        path
        for path in folder.rglob("*")
        if path.name in unfinished_names or path.suffix == ".new" or path.name.endswith(("-wal", "-shm", ".incoming"))
    ]
    return sorted(str(path.relative_to(folder)) for path in leftovers)


def compute_folder_digest(folder: Path, without: Sequence[str] = ()) -> str:
    """One checksum over the names and bytes of all visible files in a folder."""
    checksum = sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = str(path.relative_to(folder))
        if not any(part.startswith(".") for part in path.relative_to(folder).parts) and not name.startswith(
            tuple(without) or "\0"
        ):
            checksum.update(name.encode() + b"\0" + sha256(_read_comparable_bytes(path)).digest())
    return checksum.hexdigest()


def _read_comparable_bytes(path: Path) -> bytes:
    """The bytes of a file without what differs between equal runs: seconds, and the day of a refresh."""
    content = path.read_bytes()
    if path.name == "run.json":
        return json.dumps({**json.loads(content), "seconds": None}, sort_keys=True).encode()
    if path.name == "card.yaml":
        return b"\n".join(line for line in content.splitlines() if not line.startswith((b"accessed:", b"release:")))
    return content
