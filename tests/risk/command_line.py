"""The command line as a user runs it: a separate process, its exit code and its output."""

import os
import subprocess
import sys
from pathlib import Path

ROOT_FOLDER = Path(__file__).resolve().parents[2]
RISK_COMMAND = [sys.executable, "-c", "from risk.cli.app import main; main()"]


def run_command(
    *arguments: object, checkout: Path = ROOT_FOLDER, **options: object
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, from a checkout."""
    command = [*RISK_COMMAND, *map(str, arguments)]
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        command, cwd=checkout, env=_build_environment(checkout), capture_output=True, text=True, timeout=120, **options
    )


def start_command(*arguments: object) -> subprocess.Popen[str]:
    """Start a command in a process group of its own."""
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    command = [*RISK_COMMAND, *map(str, arguments)]
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        command, cwd=ROOT_FOLDER, env=_build_environment(ROOT_FOLDER), text=True, start_new_session=True, **pipes
    )


def read_contents(folder: Path) -> dict[str, bytes]:
    """Every file a reader finds below a folder, byte for byte."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _build_environment(checkout: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(checkout)}
