"""The whole of `risk score`, cold and warm, the share of each step, and the floor below which no engine could go."""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

import polars as pl

from bench.measure import RUNS, Measured, timed
from features.bad_input import BadInput
from features.snapshot.cards import RAW
from features.snapshot.compile import checksum
from features.vocabulary import LATEST_ORIGIN, OUTCOMES, PROFILE
from models.inference.reasons import contributions
from models.registry.fingerprint import fingerprint
from models.registry.store import load
from models.training.outcomes import status
from models.training.train import Model
from risk.outputs.last_run import last_table

# Linux counts what the starting process held towards the peak of the started one: a small one starts it.
STARTER = (
    "import os, subprocess, sys; _, ended, used = os.wait4(subprocess.Popen(sys.argv[1:]).pid, 0); "
    "print(used.ru_maxrss); sys.exit(os.waitstatus_to_exitcode(ended))"
)
COMMAND = (sys.executable, "-S", "-c", STARTER, sys.executable, "-c", "from risk.cli.app import main; main()")
ROOT = Path(__file__).resolve().parents[1]
LIGHT = (("--help",), ("rules", "list"), ("explain", "EGY"), ("data", "status"))


class Scored(NamedTuple):
    """The whole run cold and warm, seconds of each step of a warm run (medians), commands that need no model, and the
    floor: what, how much of it, and the seconds it takes by itself."""

    whole: list[Measured]
    steps: dict[str, float]
    commands: list[Measured]
    floor: list[tuple[str, str, float]]


def scored() -> Scored:
    """One cold run (no models, no outputs: it trains), then five warm ones of the same folder."""
    with TemporaryDirectory() as aside:
        out = Path(aside) / "out"
        cold, _ = _command(("score", "--out", str(out)))
        warm, steps = [], []
        for _ in range(RUNS):
            measured, printed = _command(("score", "--out", str(out)))
            warm.append(measured)
            steps.append(_steps(printed, measured[0]))
        commands = [_repeated(words, out) for words in LIGHT]
        return Scored(
            [_measured("whole, cold", [cold]), _measured("whole, warm", warm)],
            {name: median(step[name] for step in steps) for name in steps[0]},
            commands,
            _floor(out, Path(aside)),
        )


def _repeated(words: tuple[str, ...], out: Path) -> Measured:
    given = (*words, "--out", str(out)) if words[0] == "explain" else words
    return _measured(f"risk {' '.join(words)}", [_command(given)[0] for _ in range(RUNS)])


def _measured(what: str, runs: Iterable[tuple[float, int]]) -> Measured:
    seconds, peaks = zip(*runs, strict=True)
    return Measured(what, 1, seconds, max(peaks))


def _command(words: tuple[str, ...]) -> tuple[tuple[float, int], str]:
    """Seconds and peak megabytes of one command, and what it printed."""
    start = perf_counter()
    ran = subprocess.run((*COMMAND, *words), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    taken = perf_counter() - start
    if ran.returncode:
        raise BadInput(f"risk {' '.join(words)}: ended with {ran.returncode}; nothing was measured")
    *_, peak = ran.stdout.split()
    return (taken, int(peak) // 1024), ran.stdout


def _steps(printed: str, whole: float) -> dict[str, float]:
    """Seconds by step from the line that a run prints; what is left is starting and importing."""
    line = next(line for line in printed.splitlines() if line.startswith("Seconds"))
    steps = {
        name: float(seconds)
        for name, seconds in re.findall(r"([a-z][a-z ]*[a-z]) (\d+\.\d)", line.removeprefix("Seconds"))
    }
    return {"start and imports": whole - sum(steps.values()), **steps}


def _floor(out: Path, aside: Path) -> list[tuple[str, str, float]]:
    """Reading the snapshot, writing as many bytes as a run does, and walking the trees for every partner."""
    read = [path for path in RAW.rglob("*") if path.is_file()]
    written = [path for path in out.rglob("*") if path.is_file() and path.parent.name != "models"]
    contents = [path.read_bytes() for path in written]
    to = aside / "floor"
    to.mkdir()
    key = fingerprint(checksum(), PROFILE)
    loaded = [model for name in OUTCOMES if (model := load(name, out / "models", key)) is not None]
    latest = last_table(out, "panel").filter(pl.col("origin") == LATEST_ORIGIN)
    return [
        ("bytes read", _size(path.stat().st_size for path in read), timed(lambda: [p.read_bytes() for p in read])),
        ("bytes written", _size(map(len, contents)), timed(lambda: _write(contents, to))),
        ("trees walked to forecast", f"{_trees(loaded):,} trees × {latest.height} partners",
         timed(lambda: [_forecast(model, latest) for model in loaded])),
        ("trees walked to explain", "the same", timed(lambda: [_explained(model, latest) for model in loaded])),
    ]  # fmt: skip


def _size(sizes: Iterable[int]) -> str:
    return f"{sum(sizes) / 1e6:.1f} MB"


def _write(contents: list[bytes], to: Path) -> None:
    for number, content in enumerate(contents):
        (to / str(number)).write_bytes(content)


def _trees(loaded: list[Model]) -> int:
    return sum(
        booster.n_iter_
        for model in loaded
        for booster in (model.ensemble.booster, *((model.ensemble.graded.regressor,) if model.ensemble.graded else ()))
    )


def _forecast(model: Model, latest: pl.DataFrame) -> object:
    return model.ensemble.log_odds(latest)


def _explained(model: Model, latest: pl.DataFrame) -> object:
    return contributions(model, latest.with_columns(status=status(model.outcome)))
