"""A command killed again and again, by the clock and at its moves, and what every other command finds then."""

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter
from typing import NamedTuple, Protocol

from bench.faults.sandbox import Moment, Ran, Sandbox, leftovers
from features.bad_input import BadInput

# A command that ends before its kill is no kill; so many misses in a row end the stage.
MISSES = 20
STATES = ("first", "second")
PARTLY = "partly"
CHECKS: tuple[tuple[str, ...], ...] = (
    ("explain", "EGY"),
    ("data", "status"),
    ("ledger", "verify"),
    ("verify",),
    ("report", "EGY"),
    ("case", "docs/examples/case.yaml", "--format", "none"),
)


class Ready(NamedTuple):
    """What an undisturbed run takes: seconds and moves of files; kills by the clock come no earlier than `first`."""

    seconds: float
    moves: int
    first: float = 0.0


class Stage(Protocol):
    """A command that leads from one state to the other and back, and how to tell which of them is in place."""

    title: str
    remark: str

    def prepare(self, sandbox: Sandbox) -> Ready:
        """Run undisturbed until the first state is in place, and learn how either looks."""

    def before(self, sandbox: Sandbox, target: str) -> None:
        """Whatever must change for the command to lead to `target`."""

    def words(self, target: str) -> Sequence[str]:
        """The words of the command."""

    def state(self, sandbox: Sandbox, ran: Ran, now: str, target: str) -> str:
        """The state in place, PARTLY where parts are replaced one by one by design, or a name of none: mixed."""

    def lost(self, sandbox: Sandbox, ran: Ran) -> list[str]:
        """A sentence for all that was there before and is not now."""


@dataclass
class Killed:
    """What came of one stage."""

    title: str
    remark: str
    run: Ready
    by_clock: list[float] = field(default_factory=list)
    at_moves: list[int] = field(default_factory=list)
    kept: int = 0
    placed: int = 0
    partly: int = 0
    ended_first: int = 0
    commands: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def kills(self) -> int:
        """How often the command was killed."""
        return len(self.by_clock) + len(self.at_moves)


def kill_again_and_again(stage: Stage, sandbox: Sandbox, kills: int, seed: int) -> Killed:
    """Kill the stage's command so many times; at last it runs to its end, and every command by itself."""
    start, draw = perf_counter(), random.Random(f"{stage.title} {seed}")
    done = Killed(stage.title, stage.remark, stage.prepare(sandbox))
    now, missed = STATES[0], 0
    for turn in count():
        if done.kills >= kills or missed >= MISSES:
            break
        target = _other(now)
        stage.before(sandbox, target)
        moment = _moment(draw, done.run, turn)
        ran = sandbox.run(stage.words(target), moment)
        missed = 0 if ran.killed else missed + 1
        _count(done, moment, ran)
        now = _look(stage, sandbox, done, ran, now, draw.sample(CHECKS, len(CHECKS)))
        taken = perf_counter() - start
        print(f"{done.title}: {done.kills} of {kills} kills, {taken:.0f} s", file=sys.stderr, flush=True)
    _at_last(stage, sandbox, done, now)
    done.seconds = perf_counter() - start
    return done


def undisturbed(sandbox: Sandbox, words: Sequence[str]) -> Ran:
    """A command that must come to its end; BadInput where it does not."""
    ran = sandbox.run(words)
    if ran.code:
        raise BadInput(f"risk {' '.join(words)}: ended with {ran.code} although nothing was done to it: {_last(ran)}")
    return ran


def _other(state: str) -> str:
    return STATES[1 - STATES.index(state)]


def _moment(draw: random.Random, run: Ready, turn: int) -> Moment:
    """By turns anywhere in the run's length, and just before one of its moves of files: there the exchanges are."""
    if turn % 2 and run.moves:
        return Moment(None, draw.randint(1, run.moves))
    return Moment(draw.uniform(run.first, run.seconds))


def _count(done: Killed, moment: Moment, ran: Ran) -> None:
    if not ran.killed:
        done.ended_first += 1
        if ran.code:
            done.faults.append(f"after kill {done.kills}: the command itself ended with {ran.code}: {_last(ran)}")
    elif moment.seconds is None:
        done.at_moves.append(moment.move)
    else:
        done.by_clock.append(moment.seconds)


def _look(
    stage: Stage, sandbox: Sandbox, done: Killed, ran: Ran, now: str, checks: Sequence[tuple[str, ...]]
) -> str:  # fmt: skip
    """Ask every command, each at times the first to meet what the kill left; then the state that is in place, whole."""
    target = _other(now)
    where = f"kill {done.kills}, on the way from {now} to {target}"
    for words in checks:
        code, said = sandbox.ask(*words)
        done.commands += 1
        if code:
            done.faults.append(f"{where}: risk {' '.join(words)} ended with {code}: {said.strip()[-300:]}")
    found = stage.state(sandbox, ran, now, target)
    if found not in (now, target, PARTLY):
        done.faults.append(f"{where}: what lies there is neither the old nor the new: {found}")
    done.faults += [f"{where}: {what}" for what in stage.lost(sandbox, ran)]
    if ran.killed:
        done.kept += found == now
        done.placed += found == target
        done.partly += found == PARTLY
    return found if found in STATES else now


def _at_last(stage: Stage, sandbox: Sandbox, done: Killed, now: str) -> None:
    """The command undisturbed, then each other one as a process of its own, `score` among them; nothing left over."""
    target = _other(now)
    stage.before(sandbox, target)
    words = [word for word in stage.words(target) if word != "--again"]
    for one in (words, *CHECKS, ("score",), ("verify",)):
        ran = sandbox.run(one)
        done.commands += 1
        if ran.code:
            done.faults.append(f"at last: risk {' '.join(one)} ended with {ran.code}: {_last(ran)}")
    done.faults += [f"at last: left over: {name}" for name in leftovers(sandbox.root)]


def _last(ran: Ran) -> str:
    return (ran.said.strip().splitlines() or ["nothing said"])[-1]
