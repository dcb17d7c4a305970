"""Run all parts in turn, two kill stages in parallel, and print the results of each."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.faults.flips import FlipResult, flip_all_kinds
from bench.faults.killing import KillResult, kill_stage_repeatedly, run_undisturbed
from bench.faults.ledger_stress import StressResult, stress_ledger
from bench.faults.sandbox import Sandbox
from bench.faults.stages import DigestStage, list_kill_stages
from risk.ledger.ledger_files import LedgerFiles
from risk.outputs.last_run import read_last_table

# Percent of kills: training takes longest by far, so it is killed least.
KILL_SHARES = {"refresh": 32, "score": 24, "training": 10, "ledger": 34}
STRESS_WRITERS = 8
SHOWN_FAULTS = 20


def run_all_parts(out: Path, parts: Sequence[str], kills: int, entries: int, places: int, seed: int) -> bool:
    """Run the parts asked for, print each as it ends, and say whether no fault was found."""
    read_last_table(out, "standing")
    start, good = perf_counter(), True
    with TemporaryDirectory(prefix="faults-") as folder:
        for result in _run_kill_stages(Path(folder), out, parts, kills, seed):
            good &= _print_lines(_format_kill_lines(result), not result.faults)
        if "writers" in parts:
            stress = stress_ledger(
                LedgerFiles(Path(folder) / "crowd" / "ledger.db"), STRESS_WRITERS, entries // STRESS_WRITERS
            )
            good &= _print_lines(
                _format_stress_lines(stress), stress.lines == stress.requested and not stress.lost and not stress.faults
            )
        if "flips" in parts:
            for kind in _run_flips(Path(folder), out, places, seed):
                good &= _print_lines(_format_flip_lines(kind), not kind.missed)
    print(f"\n{'No faults found' if good else 'FAULTS FOUND'}, in {perf_counter() - start:.0f} s")
    return good


def share_kills(kills: int) -> dict[str, int]:
    """The number of kills per stage; the last one gets the remainder."""
    shares = {name: max(1, kills * share // 100) for name, share in KILL_SHARES.items()}
    return shares | {"ledger": max(1, kills - sum(shares.values()) + shares["ledger"])}


def _run_kill_stages(folder: Path, out: Path, parts: Sequence[str], kills: int, seed: int) -> Iterator[KillResult]:
    shares = share_kills(kills)
    with ThreadPoolExecutor(2) as pool:
        chosen = [stage for stage in list_kill_stages() if stage.title in parts]
        runs = [
            pool.submit(_run_kill_stage, stage, folder / stage.title, out, shares[stage.title], seed)
            for stage in chosen
        ]
        for run in as_completed(runs):
            yield run.result()


def _run_kill_stage(stage: DigestStage, folder: Path, out: Path, kills: int, seed: int) -> KillResult:
    sandbox = Sandbox(folder, out)
    try:
        return kill_stage_repeatedly(stage, sandbox, kills, seed)
    finally:
        sandbox.close_session()


def _run_flips(folder: Path, out: Path, places: int, seed: int) -> list[FlipResult]:
    sandbox = Sandbox(folder / "flips", out)
    run_undisturbed(sandbox, ("ledger", "note", "EGY", "Invented.", "--by", "faults"))
    return flip_all_kinds(sandbox, places, seed)


def _print_lines(lines: Iterator[str], good: bool) -> bool:
    print("\n".join(lines), flush=True)
    return good


def _format_kill_lines(result: KillResult) -> Iterator[str]:
    yield f"\n{result.title}: {result.kills} kills, {len(result.faults)} faults, {result.seconds:.0f} s"
    if result.remark:
        yield f"  {result.remark}"
    yield f"  undisturbed: {result.undisturbed_run.seconds:.1f} s, {result.undisturbed_run.moves} file moves"
    if result.by_clock:
        yield f"  {len(result.by_clock)} by time, after {min(result.by_clock):.1f} to {max(result.by_clock):.1f} s"
    if result.at_moves:
        yield f"  {len(result.at_moves)} at a file move, number {min(result.at_moves)} to {max(result.at_moves)}"
    part = f", {result.partly_count} with old and new models, each intact" if result.partly_count else ""
    yield (
        f"  afterward: {result.old_count} in the old state, {result.new_count} in the new{part}; "
        f"{result.finished_count} finished before the kill"
    )
    yield f"  {result.commands} other commands run"
    yield from (f"  FAULT {fault}" for fault in result.faults[:SHOWN_FAULTS])


def _format_stress_lines(result: StressResult) -> Iterator[str]:
    yield (
        f"\nwriters: {STRESS_WRITERS} at once, {result.requested:,} entries requested, {result.lines:,} found, "
        f"{result.lost} lost, "
        f"{len(result.faults)} faults in the chain, {result.seconds:.0f} s"
    )


def _format_flip_lines(result: FlipResult) -> Iterator[str]:
    unread = f", {result.unread} in unused space" if result.unread else ""
    yield (
        f"\nflips: {result.kind}, {result.files} files: {result.found} of {result.tried} flips detected and named"
        f"{unread}, {result.seconds:.0f} s"
    )
    yield from (f"  FAULT not detected or not named: {position}" for position in result.missed[:SHOWN_FAULTS])
