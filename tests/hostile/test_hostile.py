"""Hostile input: a result or one clear line, within time and memory limits, and nothing written elsewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.tried import READERS, bound_memory, list_corpus, try_reader

ROOT = Path(__file__).resolve().parents[2]
HARM = [
    b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"\n", b"\r", b"\t", b"'", b'"', b"[", b"{", b"9" * 400, b"0x" + b"f" * 5000,
    b"1e999", b"nan", b"inf", b"-1", b"2024-13-45", b"!!int ", b"!!python/object:os.system ", b"&a ", b"*a", b"null",
    b"true", b"[]", b"{}", b"\\ud800", b"\xc3", b"\x1b[2J", b"\xe2\x80\xae", b"<<", b"~", b"[" * 3000, b'{"a":' * 3000,
]  # fmt: skip
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 20), st.sampled_from(HARM) | st.binary(max_size=8)), max_size=3
)


def spoiled(sound: bytes, edits: list[tuple[float, int, bytes]], kept: float) -> bytes:
    """A valid input with bytes replaced at some positions, truncated to a share of its length."""
    for where, gone, harm in edits:
        at = int(where * len(sound))
        sound = sound[:at] + harm + sound[at + gone :]
    return sound[: int(kept * len(sound))]


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(edits=EDITS, kept=st.just(1.0) | st.floats(0, 1))
def test_a_spoiled_input_is_taken_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, name: str, edits: list[tuple[float, int, bytes]], kept: float
) -> None:
    try_reader(name, spoiled(READERS[name][1], edits, kept), tmp_path_factory.getbasetemp() / f"hostile_{name}")


@pytest.mark.parametrize("name", sorted(set(READERS) - {"fitted_parts", "output_table"}))
def test_the_sound_input_that_is_spoiled_is_one_that_is_taken(tmp_path: Path, name: str) -> None:
    assert try_reader(name, READERS[name][1], tmp_path / "tried") == ""


def test_every_known_bad_input_is_refused_in_time_and_in_a_gigabyte() -> None:
    done = subprocess.run([sys.executable, "-m", "tests.hostile.test_hostile"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert f"{sum(map(len, list_corpus().values()))} known bad inputs" in done.stdout


def test_nothing_of_the_engine_reads_a_pickle_or_runs_a_text() -> None:
    forbidden = re.compile(
        r"\b(pickle|marshal|shelve|dill|cloudpickle)\b|(?<![\w.])(eval|exec)\(|os\.system|shell=True|joblib\.load"
    )
    offenders = {
        path.relative_to(ROOT).as_posix()
        for room in ("features", "models", "risk")
        for path in (ROOT / room).rglob("*.py")
        if forbidden.search(path.read_text(encoding="utf-8"))
    }
    assert offenders == set()


def _try_corpus(folder: Path) -> int:
    """Try each known bad input in this process with limited memory, and print the result."""
    bound_memory()
    count = 0
    for name, paths in list_corpus().items():
        for path in paths:
            count, text = count + 1, try_reader(name, path.read_bytes(), folder)
            print(f"{name}/{path.name}: {text or 'accepted'}")
    return count


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as aside:
        print(f"{_try_corpus(Path(aside) / 'tried')} known bad inputs")
