"""One folder worked hard: scores and case batches, eight at once, then again and again in one process."""

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
from risk.ledger.ledger_files import LedgerFiles
from risk.ledger.reader import examine_ledger
from risk.outputs.atomic_swap import hold_read_lock
from risk.outputs.last_run import read_last_table

CASE_BATCHES = ("docs/examples/case.yaml", "docs/examples/cases.csv")
SOAK_COMMANDS = (
    *(("score", "--as-of", STATE_DAYS[name]) for name in STATE_NAMES),
    *(("case", file) for file in CASE_BATCHES),
)
REFUSED_MESSAGE = "another run is writing here"
# Rounds before memory is compared: imports and caches fill. By so much may the last third exceed the first.
WARMUP_ROUNDS, GROWTH_LIMIT = 2, 1.15


@dataclass
class SoakResult:
    """How many commands were done and refused, by their first word, and the faults met."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    check_count: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0


class SoakedFolder:
    """The outputs of a sandbox, and what they may be: those of one day or of the other, each whole."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Learn both, and the case batches of either day."""
        self.sandbox, self.known = sandbox, set[str]()
        for name in reversed(STATE_NAMES):
            for words in (SOAK_COMMANDS[STATE_NAMES.index(name)], *SOAK_COMMANDS[2:]):
                run_undisturbed(sandbox, words)
            self.known |= set(self.compute_digests())

    def compute_digests(self) -> list[str]:
        """A checksum of the run in place, and one of each batch."""
        out, cases = self.sandbox.out, self.sandbox.out / "cases"
        with hold_read_lock(out):
            run = compute_folder_digest(out, OTHER_OUTPUTS)
        with hold_read_lock(cases):
            return [run, *(compute_folder_digest(cases / Path(file).stem) for file in CASE_BATCHES)]


def soak_folder(sandbox: Sandbox, commands: int, at_once: int) -> SoakResult:
    """So many commands, so many at once; after each that was done, what lies there must be known and whole."""
    folder, came, lock = SoakedFolder(sandbox), SoakResult(), Lock()
    start = perf_counter()

    def run_one_command(words: tuple[str, ...]) -> None:
        ended = subprocess.run(
            [sys.executable, "-c", "from risk.cli.app import main; main()", *words],
            cwd=sandbox.root, env=sandbox.build_environment(), capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        with lock:
            _judge_command(words, ended, folder, came)

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(run_one_command, islice(cycle(SOAK_COMMANDS), commands)))
    came.seconds = perf_counter() - start
    came.faults += [f"left over: {name}" for name in list_leftovers(sandbox.root)]
    came.faults += examine_ledger(LedgerFiles(sandbox.ledger)).faults
    return came


def _judge_command(
    words: tuple[str, ...], ended: "subprocess.CompletedProcess[str]", folder: SoakedFolder, came: SoakResult
) -> None:
    if ended.returncode == 0:
        came.done[words[0]] += 1
        came.check_count += 1
        if not set(folder.compute_digests()) <= folder.known:
            came.faults.append(f"after risk {' '.join(words)}: outputs are those of neither day, or of both")
    elif REFUSED_MESSAGE in ended.stderr:
        came.refused[words[0]] += 1
    else:
        last = (ended.stderr.strip().splitlines() or ["nothing said"])[-1]
        came.faults.append(f"risk {' '.join(words)} ended with {ended.returncode}: {last}")


def measure_memory(sandbox: Sandbox, rounds: int) -> list[int]:
    """Megabytes held by one process after each round of scores and case batches."""
    held = []
    for words in islice(cycle(SOAK_COMMANDS[:2]), rounds):
        for each in (words, *SOAK_COMMANDS[2:]):
            code, said = sandbox.ask_session(*each)
            if code:
                raise BadInput(f"risk {' '.join(each)}: ended with {code}: {said.strip()[-300:]}")
        held.append(sandbox.read_session_memory())
    return held


def check_memory_growth(held: list[int]) -> bool:
    """Whether the last third of the rounds held more than the first by more than is let pass."""
    later = held[WARMUP_ROUNDS:]
    third = max(1, len(later) // 3)
    return len(later) >= 2 and median(later[-third:]) > GROWTH_LIMIT * median(later[:third])


def run_soak(out: Path, commands: int, at_once: int, rounds: int) -> bool:
    """Soak a copy, print the figures, and say whether all was well."""
    read_last_table(out, "standing")
    with TemporaryDirectory(prefix="soak-") as aside:
        sandbox = Sandbox(Path(aside) / "soaked", out)
        came = soak_folder(sandbox, commands, at_once)
        print(
            f"{commands} commands, {at_once} at once in one folder: {came.done['score']} runs of scores done and "
            f"{came.refused['score']} refused, {came.done['case']} case batches done and {came.refused['case']} "
            f"refused, {came.seconds:.0f} s"
        )
        print(f"Outputs looked at {came.check_count} times; faults: {len(came.faults)}", flush=True)
        for fault in came.faults[:20]:
            print(f"  FAULT {fault}")
        try:
            held = measure_memory(sandbox, rounds) if rounds else []
        finally:
            sandbox.close_session()
        if held:
            listed = ", ".join(map(str, held))
            print(f"Memory of one process over {rounds} rounds of scores and two case batches, MB: {listed}")
            print(
                f"First {held[0]}, after {WARMUP_ROUNDS} more {held[min(WARMUP_ROUNDS, rounds - 1)]}, last {held[-1]}"
            )
            print("FAULT it grows" if check_memory_growth(held) else "It does not grow")
        over = list_leftovers(sandbox.root)
        print(f"Left over: {', '.join(over) or 'nothing'}")
        return not came.faults and not check_memory_growth(held) and not over


def main() -> None:
    """Parsing alone; exit code 1 where a fault was found."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults.soak", description=__doc__)
    parser.add_argument("--commands", type=int, default=200, help="commands in a row (200)")
    parser.add_argument("--at-once", type=int, default=8, help="commands at once (8)")
    parser.add_argument("--rounds", type=int, default=20, help="rounds in one process (20)")
    parser.add_argument("--out", type=Path, default=Path("out"), help="a finished run, which is copied (out)")
    asked = parser.parse_args()
    try:
        require_unix("this bench")
        sys.exit(not run_soak(asked.out, asked.commands, asked.at_once, asked.rounds))
    except BadInput as error:
        sys.exit(f"soak: {error}")


if __name__ == "__main__":
    main()
