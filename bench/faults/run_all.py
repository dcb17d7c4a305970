"""All parts in turn, two stages of kills side by side, and the lines that tell what came of each."""

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
from risk.ledger.files import LedgerFiles
from risk.outputs.last_run import read_last_table

# Of a hundred kills: training takes longest by far, so it is killed least.
KILL_SHARES = {"refresh": 32, "score": 24, "training": 10, "ledger": 34}
STRESS_WRITERS = 8
SHOWN_FAULTS = 20


def run_all_parts(out: Path, parts: Sequence[str], kills: int, entries: int, places: int, seed: int) -> bool:
    """Run the parts asked for, print each as it ends, and say whether no fault was found."""
    read_last_table(out, "standing")
    start, good = perf_counter(), True
    with TemporaryDirectory(prefix="faults-") as folder:
        for done in _run_kill_stages(Path(folder), out, parts, kills, seed):
            good &= _print_lines(_format_kill_lines(done), not done.faults)
        if "writers" in parts:
            came = stress_ledger(
                LedgerFiles(Path(folder) / "crowd" / "ledger.db"), STRESS_WRITERS, entries // STRESS_WRITERS
            )
            good &= _print_lines(
                _format_stress_lines(came), came.lines == came.requested and not came.lost and not came.faults
            )
        if "flips" in parts:
            for kind in _run_flips(Path(folder), out, places, seed):
                good &= _print_lines(_format_flip_lines(kind), not kind.missed)
    print(f"\n{'No fault was found' if good else 'FAULTS WERE FOUND'}, in {perf_counter() - start:.0f} s")
    return good


def share_kills(kills: int) -> dict[str, int]:
    """How many kills each stage gets; the last one what the others leave."""
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


def _format_kill_lines(done: KillResult) -> Iterator[str]:
    yield f"\n{done.title}: {done.kills} kills, {len(done.faults)} faults, {done.seconds:.0f} s"
    if done.remark:
        yield f"  {done.remark}"
    yield f"  undisturbed: {done.undisturbed_run.seconds:.1f} s, {done.undisturbed_run.moves} moves of files"
    if done.by_clock:
        yield f"  {len(done.by_clock)} by the clock, {min(done.by_clock):.1f} to {max(done.by_clock):.1f} s in"
    if done.at_moves:
        yield f"  {len(done.at_moves)} at a move of files, the {min(done.at_moves)}. to the {max(done.at_moves)}."
    part = f", {done.partly_count} some models old and some new, each whole" if done.partly_count else ""
    yield (
        f"  afterwards: {done.old_count} the old in place, {done.new_count} the new{part}; {done.finished_count} "
        f"ended first"
    )
    yield f"  {done.commands} other commands asked"
    yield from (f"  FAULT {fault}" for fault in done.faults[:SHOWN_FAULTS])


def _format_stress_lines(came: StressResult) -> Iterator[str]:
    yield (
        f"\nwriters: {STRESS_WRITERS} at once, {came.requested:,} entries asked, {came.lines:,} there, "
        f"{came.lost} lost, "
        f"{len(came.faults)} faults in the chain, {came.seconds:.0f} s"
    )


def _format_flip_lines(kind: FlipResult) -> Iterator[str]:
    unread = f", {kind.unread} where the file holds nothing" if kind.unread else ""
    yield (
        f"\nflips: {kind.kind}, {kind.files} files: {kind.found} found and named of {kind.tried} tried{unread}, "
        f"{kind.seconds:.0f} s"
    )
    yield from (f"  FAULT not found or not named: {place}" for place in kind.missed[:SHOWN_FAULTS])
