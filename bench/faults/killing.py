"""Repeated kills of a command, by time and at file moves, with every other command run after each kill."""

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter
from typing import NamedTuple, Protocol

from bench.faults.sandbox import CommandResult, KillMoment, Sandbox, list_leftovers
from features.bad_input import BadInput

# A command that ends before its kill is a miss; this many misses in a row end the stage.
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
    """An undisturbed run: seconds and file moves; timed kills come no earlier than `first` seconds."""

    seconds: float
    moves: int
    first: float = 0.0


class KillStage(Protocol):
    """A command that switches between two states, and how to detect which is in place."""

    title: str
    remark: str

    def prepare_states(self, sandbox: Sandbox) -> UndisturbedRun:
        """Run undisturbed until the first state is in place, and record both states."""

    def prepare_target(self, sandbox: Sandbox, target: str) -> None:
        """Change what the command needs to reach `target`."""

    def build_command(self, target: str) -> Sequence[str]:
        """The words of the command."""

    def find_state(self, sandbox: Sandbox, ran: CommandResult, now: str, target: str) -> str:
        """The state in place, PARTLY_REPLACED if parts are replaced one by one by design, or other text if mixed."""

    def list_losses(self, sandbox: Sandbox, ran: CommandResult) -> list[str]:
        """A sentence for each loss of what was there before."""


@dataclass
class KillResult:
    """The result of one stage."""

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
        """The number of kills."""
        return len(self.by_clock) + len(self.at_moves)


def kill_stage_repeatedly(stage: KillStage, sandbox: Sandbox, kills: int, seed: int) -> KillResult:
    """Kill the stage's command `kills` times; then run it to its end, and every other command once."""
    start, draw = perf_counter(), random.Random(f"{stage.title} {seed}")
    result = KillResult(stage.title, stage.remark, stage.prepare_states(sandbox))
    now, missed = STATE_NAMES[0], 0
    for turn in count():
        if result.kills >= kills or missed >= MAX_MISSES:
            break
        target = _find_other_state(now)
        stage.prepare_target(sandbox, target)
        moment = _draw_kill_moment(draw, result.undisturbed_run, turn)
        ran = sandbox.run_command(stage.build_command(target), moment)
        missed = 0 if ran.killed else missed + 1
        _count_kill(result, moment, ran)
        now = _check_after_kill(stage, sandbox, result, ran, now, draw.sample(CHECK_COMMANDS, len(CHECK_COMMANDS)))
        taken = perf_counter() - start
        print(f"{result.title}: {result.kills} of {kills} kills, {taken:.0f} s", file=sys.stderr, flush=True)
    _run_final_checks(stage, sandbox, result, now)
    result.seconds = perf_counter() - start
    return result


def run_undisturbed(sandbox: Sandbox, words: Sequence[str]) -> CommandResult:
    """Run a command to its end; raises BadInput if it fails."""
    ran = sandbox.run_command(words)
    if ran.code:
        raise BadInput(
            f"risk {' '.join(words)}: exited with code {ran.code} although undisturbed: {_find_last_line(ran)}"
        )
    return ran


def _find_other_state(state: str) -> str:
    return STATE_NAMES[1 - STATE_NAMES.index(state)]


def _draw_kill_moment(draw: random.Random, run: UndisturbedRun, turn: int) -> KillMoment:
    """Alternately a random time in the run, and just before one of its file moves, where files are swapped."""
    if turn % 2 and run.moves:
        return KillMoment(None, draw.randint(1, run.moves))
    return KillMoment(draw.uniform(run.first, run.seconds))


def _count_kill(result: KillResult, moment: KillMoment, ran: CommandResult) -> None:
    if not ran.killed:
        result.finished_count += 1
        if ran.code:
            result.faults.append(
                f"after kill {result.kills}: the command itself exited with code {ran.code}: {_find_last_line(ran)}"
            )
    elif moment.seconds is None:
        result.at_moves.append(moment.move)
    else:
        result.by_clock.append(moment.seconds)


def _check_after_kill(
    stage: KillStage,
    sandbox: Sandbox,
    result: KillResult,
    ran: CommandResult,
    now: str,
    checks: Sequence[tuple[str, ...]],
) -> str:
    """Run every command, in random order, on what the kill left; then check the state in place."""
    target = _find_other_state(now)
    where = f"kill {result.kills}, from {now} to {target}"
    for words in checks:
        code, output = sandbox.ask_session(*words)
        result.commands += 1
        if code:
            result.faults.append(f"{where}: risk {' '.join(words)} exited with code {code}: {output.strip()[-300:]}")
    state = stage.find_state(sandbox, ran, now, target)
    if state not in (now, target, PARTLY_REPLACED):
        result.faults.append(f"{where}: the state is neither the old nor the new: {state}")
    result.faults += [f"{where}: {what}" for what in stage.list_losses(sandbox, ran)]
    if ran.killed:
        result.old_count += state == now
        result.new_count += state == target
        result.partly_count += state == PARTLY_REPLACED
    return state if state in STATE_NAMES else now


def _run_final_checks(stage: KillStage, sandbox: Sandbox, result: KillResult, now: str) -> None:
    """Run the command undisturbed, then each other command and `score` in its own process; check for leftovers."""
    target = _find_other_state(now)
    stage.prepare_target(sandbox, target)
    words = [word for word in stage.build_command(target) if word != "--again"]
    for command in (words, *CHECK_COMMANDS, ("score",), ("verify",)):
        ran = sandbox.run_command(command)
        result.commands += 1
        if ran.code:
            result.faults.append(
                f"at the end: risk {' '.join(command)} exited with code {ran.code}: {_find_last_line(ran)}"
            )
    result.faults += [f"at the end: left over: {name}" for name in list_leftovers(sandbox.root)]


def _find_last_line(ran: CommandResult) -> str:
    return (ran.output.strip().splitlines() or ["no output"])[-1]
