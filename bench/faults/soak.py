"""Soak test of one folder: scores and case batches, eight at once, then repeatedly in one process."""

import argparse
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Lock
from time import perf_counter

from bench.faults.killing import STATE_NAMES, run_undisturbed
from bench.faults.sandbox import Sandbox, compute_folder_digest, list_leftovers
from bench.faults.stages import OTHER_OUTPUTS, STATE_DAYS
from bench.unix import require_unix
from features.bad_input import BadInput
from risk.ledger.files import LedgerFiles
from risk.ledger.reader import examine_ledger
from risk.outputs.atomic_swap import hold_read_lock
from risk.outputs.last_run import read_last_table

CASE_BATCHES = ("docs/examples/case.yaml", "docs/examples/cases.csv")
SOAK_COMMANDS = (
    *(("score", "--as-of", STATE_DAYS[name]) for name in STATE_NAMES),
    *(("case", file) for file in CASE_BATCHES),
)
REFUSED_MESSAGE = "another run is writing here"
# Warm-up rounds, which fill imports and caches, and how far the last third's memory may exceed the first's.
WARMUP_ROUNDS, GROWTH_LIMIT = 2, 1.15


@dataclass
class SoakResult:
    """Commands done and refused, by their first word, and the faults found."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    check_count: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0


class SoakedFolder:
    """The outputs of a sandbox, and their valid states: those of one day or of the other, each complete."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Run both days with their case batches and record the checksums."""
        self.sandbox, self.known = sandbox, set[str]()
        for name in reversed(STATE_NAMES):
            for words in (SOAK_COMMANDS[STATE_NAMES.index(name)], *SOAK_COMMANDS[2:]):
                run_undisturbed(sandbox, words)
            self.known |= set(self.compute_digests())

    def compute_digests(self) -> list[str]:
        """The checksum of the run in place, and of each case batch."""
        out, cases = self.sandbox.out, self.sandbox.out / "cases"
        with hold_read_lock(out):
            run = compute_folder_digest(out, OTHER_OUTPUTS)
        with hold_read_lock(cases):
            return [run, *(compute_folder_digest(cases / Path(file).stem) for file in CASE_BATCHES)]


def soak_folder(sandbox: Sandbox, commands: int, at_once: int) -> SoakResult:
    """Run commands, `at_once` at a time; after each, the outputs must be in a known state."""
    folder, result, lock = SoakedFolder(sandbox), SoakResult(), Lock()
    start = perf_counter()

    def run_one_command(words: tuple[str, ...]) -> None:
        finished = subprocess.run(
            [sys.executable, "-c", "from risk.cli.app import main; main()", *words],
            cwd=sandbox.root, env=sandbox.build_environment(), capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        with lock:
            _judge_command(words, finished, folder, result)

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(run_one_command, islice(cycle(SOAK_COMMANDS), commands)))
    result.seconds = perf_counter() - start
    result.faults += [f"left over: {name}" for name in list_leftovers(sandbox.root)]
    result.faults += examine_ledger(LedgerFiles(sandbox.ledger)).faults
    return result


def _judge_command(
    words: tuple[str, ...], finished: "subprocess.CompletedProcess[str]", folder: SoakedFolder, result: SoakResult
) -> None:
    if finished.returncode == 0:
        result.done[words[0]] += 1
        result.check_count += 1
        if not set(folder.compute_digests()) <= folder.known:
            result.faults.append(f"after risk {' '.join(words)}: the outputs match neither day, or mix both")
    elif REFUSED_MESSAGE in finished.stderr:
        result.refused[words[0]] += 1
    else:
        last = (finished.stderr.strip().splitlines() or ["no output"])[-1]
        result.faults.append(f"risk {' '.join(words)} exited with code {finished.returncode}: {last}")


def measure_memory(sandbox: Sandbox, rounds: int) -> list[int]:
    """Megabytes used by one process after each round of scores and case batches."""
    megabytes = []
    for words in islice(cycle(SOAK_COMMANDS[:2]), rounds):
        for command in (words, *SOAK_COMMANDS[2:]):
            code, output = sandbox.ask_session(*command)
            if code:
                raise BadInput(f"risk {' '.join(command)}: exited with code {code}: {output.strip()[-300:]}")
        megabytes.append(sandbox.read_session_memory())
    return megabytes


def check_memory_growth(megabytes: list[int]) -> bool:
    """Whether memory in the last third of the rounds exceeds the first third's by more than the limit."""
    later = megabytes[WARMUP_ROUNDS:]
    third = max(1, len(later) // 3)
    return len(later) >= 2 and median(later[-third:]) > GROWTH_LIMIT * median(later[:third])


def run_soak(out: Path, commands: int, at_once: int, rounds: int) -> bool:
    """Soak a copy, print the figures, and say whether all was well."""
    read_last_table(out, "standing")
    with TemporaryDirectory(prefix="soak-") as aside:
        sandbox = Sandbox(Path(aside) / "soaked", out)
        came = soak_folder(sandbox, commands, at_once)
        print(
            f"{commands} commands, {at_once} at once in one folder: {result.done['score']} score runs done and "
            f"{result.refused['score']} refused, {result.done['case']} case batches done and {result.refused['case']} "
            f"refused, {result.seconds:.0f} s"
        )
        print(f"Outputs checked {result.check_count} times; faults: {len(result.faults)}", flush=True)
        for fault in result.faults[:20]:
            print(f"  FAULT {fault}")
        try:
            megabytes = measure_memory(sandbox, rounds) if rounds else []
        finally:
            sandbox.close_session()
        if megabytes:
            listed = ", ".join(map(str, megabytes))
            print(f"Memory of one process over {rounds} rounds of scores and two case batches, MB: {listed}")
            print(
                f"First {megabytes[0]}, after {WARMUP_ROUNDS} more {megabytes[min(WARMUP_ROUNDS, rounds - 1)]}, "
                f"last {megabytes[-1]}"
            )
            print("FAULT memory grows" if check_memory_growth(megabytes) else "Memory does not grow")
        leftovers = list_leftovers(sandbox.root)
        print(f"Left over: {', '.join(leftovers) or 'nothing'}")
        return not result.faults and not check_memory_growth(megabytes) and not leftovers


def main() -> None:
    """Parse the options and run the soak test; exit code 1 if a fault was found."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults.soak", description=__doc__)
    parser.add_argument("--commands", type=int, default=200, help="total commands (default 200)")
    parser.add_argument("--at-once", type=int, default=8, help="commands at once (default 8)")
    parser.add_argument("--rounds", type=int, default=20, help="rounds in one process (default 20)")
    parser.add_argument(
        "--out", type=Path, default=Path("out"), help="output folder of a finished run, which is copied (default out)"
    )
    options = parser.parse_args()
    try:
        require_unix("this bench")
        sys.exit(not run_soak(options.out, options.commands, options.at_once, options.rounds))
    except BadInput as error:
        sys.exit(f"soak: {error}")


if __name__ == "__main__":
    main()
