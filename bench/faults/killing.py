"""A command killed again and again, by the clock and at its moves, and what every other command finds then."""

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter
from typing import NamedTuple, Protocol

from bench.faults.sandbox import CommandResult, KillMoment, Sandbox, list_leftovers
from features.bad_input import BadInput

# A command that ends before its kill is no kill; so many misses in a row end the stage.
MAX_MISSES = 20
STATE_NAMES = ("first", "second")
PARTLY_REPLACED = "partly"
CHECK_COMMANDS: tuple[tuple[str, ...], ...] = (
    ("explain", "EGY"),
    ("data", "status"),
    ("ledger", "verify"),
    ("verify",),
    ("report", "EGY"),
    ("case", "docs/examples/case.yaml", "--format", "none"),
)


class UndisturbedRun(NamedTuple):
    """What an undisturbed run takes: seconds and moves of files; kills by the clock come no earlier than `first`."""

    seconds: float
    moves: int
    first: float = 0.0


class KillStage(Protocol):
    """A command that leads from one state to the other and back, and how to tell which of them is in place."""

    title: str
    remark: str

    def prepare_states(self, sandbox: Sandbox) -> UndisturbedRun:
        """Run undisturbed until the first state is in place, and learn how either looks."""

    def prepare_target(self, sandbox: Sandbox, target: str) -> None:
        """Whatever must change for the command to lead to `target`."""

    def build_command(self, target: str) -> Sequence[str]:
        """The words of the command."""

    def find_state(self, sandbox: Sandbox, ran: CommandResult, now: str, target: str) -> str:
        """The state in place, PARTLY where parts are replaced one by one by design, or a name of none: mixed."""

    def list_losses(self, sandbox: Sandbox, ran: CommandResult) -> list[str]:
        """A sentence for all that was there before and is not now."""


@dataclass
class KillResult:
    """What came of one stage."""

    title: str
    remark: str
    undisturbed_run: UndisturbedRun
    by_clock: list[float] = field(default_factory=list)
    at_moves: list[int] = field(default_factory=list)
    old_count: int = 0
    new_count: int = 0
    partly_count: int = 0
    finished_count: int = 0
    commands: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def kills(self) -> int:
        """How often the command was killed."""
        return len(self.by_clock) + len(self.at_moves)


def kill_stage_repeatedly(stage: KillStage, sandbox: Sandbox, kills: int, seed: int) -> KillResult:
    """Kill the stage's command so many times; at last it runs to its end, and every command by itself."""
    start, draw = perf_counter(), random.Random(f"{stage.title} {seed}")
    done = KillResult(stage.title, stage.remark, stage.prepare_states(sandbox))
    now, missed = STATE_NAMES[0], 0
    for turn in count():
        if done.kills >= kills or missed >= MAX_MISSES:
            break
        target = _find_other_state(now)
        stage.prepare_target(sandbox, target)
        moment = _draw_kill_moment(draw, done.undisturbed_run, turn)
        ran = sandbox.run_command(stage.build_command(target), moment)
        missed = 0 if ran.killed else missed + 1
        _count_kill(done, moment, ran)
        now = _check_after_kill(stage, sandbox, done, ran, now, draw.sample(CHECK_COMMANDS, len(CHECK_COMMANDS)))
        taken = perf_counter() - start
        print(f"{done.title}: {done.kills} of {kills} kills, {taken:.0f} s", file=sys.stderr, flush=True)
    _run_final_checks(stage, sandbox, done, now)
    done.seconds = perf_counter() - start
    return done


def run_undisturbed(sandbox: Sandbox, words: Sequence[str]) -> CommandResult:
    """A command that must come to its end; BadInput where it does not."""
    ran = sandbox.run_command(words)
    if ran.code:
        raise BadInput(
            f"risk {' '.join(words)}: ended with {ran.code} although nothing was done to it: {_find_last_line(ran)}"
        )
    return ran


def _find_other_state(state: str) -> str:
    return STATE_NAMES[1 - STATE_NAMES.index(state)]


def _draw_kill_moment(draw: random.Random, run: UndisturbedRun, turn: int) -> KillMoment:
    """By turns anywhere in the run's length, and just before one of its moves of files: there the exchanges are."""
    if turn % 2 and run.moves:
        return KillMoment(None, draw.randint(1, run.moves))
    return KillMoment(draw.uniform(run.first, run.seconds))


def _count_kill(done: KillResult, moment: KillMoment, ran: CommandResult) -> None:
    if not ran.killed:
        done.finished_count += 1
        if ran.code:
            done.faults.append(
                f"after kill {done.kills}: the command itself ended with {ran.code}: {_find_last_line(ran)}"
            )
    elif moment.seconds is None:
        done.at_moves.append(moment.move)
    else:
        done.by_clock.append(moment.seconds)


def _check_after_kill(
    stage: KillStage,
    sandbox: Sandbox,
    done: KillResult,
    ran: CommandResult,
    now: str,
    checks: Sequence[tuple[str, ...]],
) -> str:
    """Ask every command, each at times the first to meet what the kill left; then the state that is in place, whole."""
    target = _find_other_state(now)
    where = f"kill {done.kills}, on the way from {now} to {target}"
    for words in checks:
        code, said = sandbox.ask_session(*words)
        done.commands += 1
        if code:
            done.faults.append(f"{where}: risk {' '.join(words)} ended with {code}: {said.strip()[-300:]}")
    found = stage.find_state(sandbox, ran, now, target)
    if found not in (now, target, PARTLY_REPLACED):
        done.faults.append(f"{where}: what lies there is neither the old nor the new: {found}")
    done.faults += [f"{where}: {what}" for what in stage.list_losses(sandbox, ran)]
    if ran.killed:
        done.old_count += found == now
        done.new_count += found == target
        done.partly_count += found == PARTLY_REPLACED
    return found if found in STATE_NAMES else now


def _run_final_checks(stage: KillStage, sandbox: Sandbox, done: KillResult, now: str) -> None:
    """The command undisturbed, then each other one as a process of its own, `score` among them; nothing left over."""
    target = _find_other_state(now)
    stage.prepare_target(sandbox, target)
    words = [word for word in stage.build_command(target) if word != "--again"]
    for one in (words, *CHECK_COMMANDS, ("score",), ("verify",)):
        ran = sandbox.run_command(one)
        done.commands += 1
        if ran.code:
            done.faults.append(f"at last: risk {' '.join(one)} ended with {ran.code}: {_find_last_line(ran)}")
    done.faults += [f"at last: left over: {name}" for name in list_leftovers(sandbox.root)]


def _find_last_line(ran: CommandResult) -> str:
    return (ran.output.strip().splitlines() or ["nothing said"])[-1]
