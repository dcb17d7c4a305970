"""All parts in turn, two stages of kills side by side, and the lines that tell what came of each."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.faults.flips import Flipped, flip_all
from bench.faults.killing import Killed, kill_again_and_again, undisturbed
from bench.faults.ledger_stress import Crowd, crowd
from bench.faults.sandbox import Sandbox
from bench.faults.stages import Told, stages
from risk.ledger.files import Place
from risk.outputs.last_run import last_standing

# Of a hundred kills: training takes longest by far, so it is killed least.
SHARES = {"refresh": 32, "score": 24, "training": 10, "ledger": 34}
WRITERS = 8
SHOWN = 20


def all_told(out: Path, parts: Sequence[str], kills: int, entries: int, places: int, seed: int) -> bool:
    """Run the parts asked for, print each as it ends, and say whether no fault was found."""
    last_standing(out)
    start, good = perf_counter(), True
    with TemporaryDirectory(prefix="faults-") as folder:
        for done in _killed(Path(folder), out, parts, kills, seed):
            good &= _print(_kill_lines(done), not done.faults)
        if "writers" in parts:
            came = crowd(Place(Path(folder) / "crowd" / "ledger.db"), WRITERS, entries // WRITERS)
            good &= _print(_crowd_lines(came), came.lines == came.asked and not came.lost and not came.faults)
        if "flips" in parts:
            for kind in _flipped(Path(folder), out, places, seed):
                good &= _print(_flip_lines(kind), not kind.missed)
    print(f"\n{'No fault was found' if good else 'FAULTS WERE FOUND'}, in {perf_counter() - start:.0f} s")
    return good


def shared_out(kills: int) -> dict[str, int]:
    """How many kills each stage gets; the last one what the others leave."""
    shares = {name: max(1, kills * share // 100) for name, share in SHARES.items()}
    return shares | {"ledger": max(1, kills - sum(shares.values()) + shares["ledger"])}


def _killed(folder: Path, out: Path, parts: Sequence[str], kills: int, seed: int) -> Iterator[Killed]:
    shares = shared_out(kills)
    with ThreadPoolExecutor(2) as pool:
        chosen = [stage for stage in stages() if stage.title in parts]
        runs = [pool.submit(_one, stage, folder / stage.title, out, shares[stage.title], seed) for stage in chosen]
        for run in as_completed(runs):
            yield run.result()


def _one(stage: Told, folder: Path, out: Path, kills: int, seed: int) -> Killed:
    sandbox = Sandbox(folder, out)
    try:
        return kill_again_and_again(stage, sandbox, kills, seed)
    finally:
        sandbox.close()


def _flipped(folder: Path, out: Path, places: int, seed: int) -> list[Flipped]:
    sandbox = Sandbox(folder / "flips", out)
    undisturbed(sandbox, ("ledger", "note", "EGY", "Invented.", "--by", "faults"))
    return flip_all(sandbox, places, seed)


def _print(lines: Iterator[str], good: bool) -> bool:
    print("\n".join(lines), flush=True)
    return good


def _kill_lines(done: Killed) -> Iterator[str]:
    yield f"\n{done.title}: {done.kills} kills, {len(done.faults)} faults, {done.seconds:.0f} s"
    if done.remark:
        yield f"  {done.remark}"
    yield f"  undisturbed: {done.run.seconds:.1f} s, {done.run.moves} moves of files"
    if done.by_clock:
        yield f"  {len(done.by_clock)} by the clock, {min(done.by_clock):.1f} to {max(done.by_clock):.1f} s in"
    if done.at_moves:
        yield f"  {len(done.at_moves)} at a move of files, the {min(done.at_moves)}. to the {max(done.at_moves)}."
    part = f", {done.partly} some models old and some new, each whole" if done.partly else ""
    yield f"  afterwards: {done.kept} the old in place, {done.placed} the new{part}; {done.ended_first} ended first"
    yield f"  {done.commands} other commands asked"
    yield from (f"  FAULT {fault}" for fault in done.faults[:SHOWN])


def _crowd_lines(came: Crowd) -> Iterator[str]:
    yield (
        f"\nwriters: {WRITERS} at once, {came.asked:,} entries asked, {came.lines:,} there, {came.lost} lost, "
        f"{len(came.faults)} faults in the chain, {came.seconds:.0f} s"
    )


def _flip_lines(kind: Flipped) -> Iterator[str]:
    unread = f", {kind.unread} where the file holds nothing" if kind.unread else ""
    yield (
        f"\nflips: {kind.kind}, {kind.files} files: {kind.found} found and named of {kind.tried} tried{unread}, "
        f"{kind.seconds:.0f} s"
    )
    yield from (f"  FAULT not found or not named: {place}" for place in kind.missed[:SHOWN])
