"""A trial of one reader on one input: a result or one clear line, within limits, and nothing written elsewhere."""

import resource
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from features.bad_input import BadInput
from tests.hostile import inputs, kept_files, outside_tables

LONGEST_SECONDS, MOST_MEMORY = 10, 1 << 30
LONGEST_LINE = 2_000
READERS = {**outside_tables.READERS, **inputs.READERS, **kept_files.READERS}
CORPUS_FOLDER = Path(__file__).parent / "corpus"


class ReaderTimeout(BaseException):  # noqa: N818 - no reader may catch it as its own error
    """The reader was still running at its time limit."""


def try_reader(name: str, content: bytes, folder: Path) -> str:
    """A reader's refusal of an input in one line, or an empty text if it accepts the input.

    Anything else is a crash and raised. `folder` is recreated; the reader works in a folder inside it.
    """
    shutil.rmtree(folder, ignore_errors=True)
    inside = folder / "inside"
    inside.mkdir(parents=True)
    try:
        with _limit_time():
            READERS[name][0](content, inside)
    except BadInput as refused:
        line = str(refused)
        assert line.strip() and line.isprintable() and len(line) <= LONGEST_LINE, f"not one clear line: {line!r:.500}"
        return line
    finally:
        assert [path.name for path in folder.iterdir()] == ["inside"], "something was written elsewhere"
    return ""


@contextmanager
def _limit_time() -> Iterator[None]:
    def raise_timeout(_signal: int, _frame: FrameType | None) -> None:
        raise ReaderTimeout(f"still running after {LONGEST_SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, raise_timeout)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def list_corpus() -> Mapping[str, list[Path]]:
    """The known bad inputs, by reader."""
    return {folder.name: sorted(folder.iterdir()) for folder in sorted(CORPUS_FOLDER.iterdir()) if folder.is_dir()}


def bound_memory(more: int = MOST_MEMORY) -> None:
    """Limit this process to `more` bytes beyond its current memory."""
    now = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + more, now + more))
