"""A command that kills its own process group just before its n-th file move; started by path."""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

MOVE_EVENTS = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree"}
SWEEP_EVENTS = {"os.remove", "os.rmdir"}
AGAIN_FLAG = "--again"


def main() -> None:
    """Arguments: the watched folder, the number of the fatal file move (0: none), the count's file, the command."""
    watched, last, count_file, words = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]
    temporary = os.path.join(watched, "tmp")  # noqa: PTH118
    count = 0

    def count_move(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        # Files of a removed folder are deleted by its handle: not a step of a swap.
        if event not in MOVE_EVENTS or (event in SWEEP_EVENTS and arguments[1] != -1):
            return
        try:
            moved = os.path.abspath(os.fspath(arguments[0]))  # type: ignore[call-overload]  # noqa: PTH100
        except TypeError:
            return
        if moved.startswith(watched) and not moved.startswith(temporary):
            count += 1
            if count == last:
                os.killpg(0, signal.SIGKILL)

    sys.argv[1:] = words
    sys.path[0] = watched
    sys.addaudithook(count_move)
    from risk.cli.app import main as command

    try:
        if words[0] == AGAIN_FLAG:
            sys.argv[1:] = words[1:]
            _repeat_command(command)
        command()
    finally:
        count_file.write_text(json.dumps(count), encoding="utf-8")


def _repeat_command(command: Callable[[], None]) -> None:
    """Repeat the command, so that a timed kill hits its work and not its start."""
    while True:
        try:
            command()
        except SystemExit as ended:
            if ended.code:
                raise


if __name__ == "__main__":
    main()
