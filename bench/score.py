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

from bench.measure import RUN_COUNT, Measurement, time_work
from features.bad_input import BadInput
from features.snapshot.cards import RAW_FOLDER
from features.snapshot.compile import compute_snapshot_checksum
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from features.vocabulary import DEFAULT_PROFILE, LATEST_ORIGIN, OUTCOMES
from models.inference.reasons import compute_contributions
from models.registry.fingerprint import compute_fingerprint
from models.registry.store import load_model
from models.training.outcomes import build_status_expression
from models.training.train import Model
from risk.outputs.last_run import read_last_table

# Linux counts what the starting process held towards the peak of the started one: a small one starts it.
STARTER_CODE = (
    "import os, subprocess, sys; _, ended, used = os.wait4(subprocess.Popen(sys.argv[1:]).pid, 0); "
    "print(used.ru_maxrss); sys.exit(os.waitstatus_to_exitcode(ended))"
)
RISK_COMMAND = (sys.executable, "-S", "-c", STARTER_CODE, sys.executable, "-c", "from risk.cli.app import main; main()")
PROJECT_ROOT = Path(__file__).resolve().parents[1]
LIGHT_COMMANDS = (("--help",), ("rules", "list"), ("explain", "EGY"), ("data", "status"))


class ScoreTimings(NamedTuple):
    """The whole run cold and warm, seconds of each step of a warm run (medians), commands that need no model, and the
    floor: what, how much of it, and the seconds it takes by itself."""

    whole: list[Measurement]
    steps: dict[str, float]
    commands: list[Measurement]
    floor: list[tuple[str, str, float]]


def measure_score_run() -> ScoreTimings:
    """One cold run (no models, no outputs: it trains), then five warm ones of the same folder."""
    with TemporaryDirectory() as aside:
        out = Path(aside) / "out"
        cold, _ = _run_command(("score", "--out", str(out)))
        warm, steps = [], []
        for _ in range(RUN_COUNT):
            measured, printed = _run_command(("score", "--out", str(out)))
            warm.append(measured)
            steps.append(_parse_step_seconds(printed, measured[0]))
        commands = [_measure_command(words, out) for words in LIGHT_COMMANDS]
        return ScoreTimings(
            [_build_measurement("whole, cold", [cold]), _build_measurement("whole, warm", warm)],
            {name: median(step[name] for step in steps) for name in steps[0]},
            commands,
            _measure_floor(out, Path(aside)),
        )


def _measure_command(words: tuple[str, ...], out: Path) -> Measurement:
    given = (*words, "--out", str(out)) if words[0] == "explain" else words
    return _build_measurement(f"risk {' '.join(words)}", [_run_command(given)[0] for _ in range(RUN_COUNT)])


def _build_measurement(what: str, runs: Iterable[tuple[float, int]]) -> Measurement:
    seconds, peaks = zip(*runs, strict=True)
    return Measurement(what, 1, seconds, max(peaks))


def _run_command(words: tuple[str, ...]) -> tuple[tuple[float, int], str]:
    """Seconds and peak megabytes of one command, and what it printed."""
    start = perf_counter()
    ran = subprocess.run((*RISK_COMMAND, *words), cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True)
    taken = perf_counter() - start
    if ran.returncode:
        raise BadInput(f"risk {' '.join(words)}: ended with {ran.returncode}; nothing was measured")
    *_, peak = ran.stdout.split()
    return (taken, int(peak) // 1024), ran.stdout


def _parse_step_seconds(printed: str, whole: float) -> dict[str, float]:
    """Seconds by step from the line that a run prints; what is left is starting and importing."""
    line = next(line for line in printed.splitlines() if line.startswith("Seconds"))
    steps = {
        name: float(seconds)
        for name, seconds in re.findall(r"([a-z][a-z ]*[a-z]) (\d+\.\d)", line.removeprefix("Seconds"))
    }
    return {"start and imports": whole - sum(steps.values()), **steps}


def _measure_floor(out: Path, aside: Path) -> list[tuple[str, str, float]]:
    """Reading the snapshot, writing as many bytes as a run does, and walking the trees for every partner."""
    read = [path for path in RAW_FOLDER.rglob("*") if path.is_file()]
    written = [path for path in out.rglob("*") if path.is_file() and path.parent.name != "models"]
    contents = [path.read_bytes() for path in written]
    to = aside / "floor"
    to.mkdir()
    key = compute_fingerprint(compute_snapshot_checksum(raw=CURRENT_SNAPSHOT.folder), DEFAULT_PROFILE)
    loaded = [model for name in OUTCOMES if (model := load_model(name, out / "models", key)) is not None]
    latest = read_last_table(out, "panel").filter(pl.col("origin") == LATEST_ORIGIN)
    return [
        (
            "bytes read",
            _format_total_size(path.stat().st_size for path in read),
            time_work(lambda: [p.read_bytes() for p in read]),
        ),
        ("bytes written", _format_total_size(map(len, contents)), time_work(lambda: _write_contents(contents, to))),
        (
            "trees walked to forecast",
            f"{_count_trees(loaded):,} trees × {latest.height} partners",
            time_work(lambda: [_forecast_partners(model, latest) for model in loaded]),
        ),
        (
            "trees walked to explain",
            "the same",
            time_work(lambda: [_explain_partners(model, latest) for model in loaded]),
        ),
    ]


def _format_total_size(sizes: Iterable[int]) -> str:
    return f"{sum(sizes) / 1e6:.1f} MB"


def _write_contents(contents: list[bytes], to: Path) -> None:
    for number, content in enumerate(contents):
        (to / str(number)).write_bytes(content)


def _count_trees(loaded: list[Model]) -> int:
    return sum(
        booster.n_iter_
        for model in loaded
        for booster in (model.ensemble.booster, *((model.ensemble.graded.regressor,) if model.ensemble.graded else ()))
    )


def _forecast_partners(model: Model, latest: pl.DataFrame) -> object:
    return model.ensemble.compute_log_odds(latest)


def _explain_partners(model: Model, latest: pl.DataFrame) -> object:
    return compute_contributions(model, latest.with_columns(status=build_status_expression(model.outcome)))
