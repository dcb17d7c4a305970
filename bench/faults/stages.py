"""What is killed: a refresh, a run of scores, a training, and writes to the ledger."""

import json
import re
import shutil
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from bench.faults.changed_files import write_published_files
from bench.faults.killing import PARTLY_REPLACED, STATE_NAMES, UndisturbedRun, run_undisturbed
from bench.faults.sandbox import CommandResult, Sandbox, compute_folder_digest
from features.bad_input import BadInput
from features.snapshot.checksums import write_checksum_list
from features.vocabulary import OUTCOMES
from risk.ledger.files import LedgerFiles
from risk.ledger.reader import examine_ledger

STATE_DAYS = dict(zip(STATE_NAMES, ("2026-11-23", "2026-11-22"), strict=True))
# What other commands write beside a run's outputs.
OTHER_OUTPUTS = ("cases", "mlflow", "models")
SMALLER_SETTINGS = (
    ("models/training/estimator.py", '"max_iter": 48', '"max_iter": 8'),
    ("models/training/splits.py", "CALIBRATION_ORIGINS = 18", "CALIBRATION_ORIGINS = 4"),
    ("models/training/splits.py", "FIRST_TRAINING_ORIGIN = 1980", "FIRST_TRAINING_ORIGIN = 2008"),
)
MIXED_STATE = "mixed"
# Seconds of writing to the ledger, and how many notes' moves, among which a kill is drawn.
WRITING_SECONDS, NOTE_COUNT = 3.0, 12


class DigestStage:
    """A stage of which nothing more is to be said, whose states are told by a checksum."""

    title, remark = "", ""

    def __init__(self) -> None:
        """Know no state yet."""
        self.digests: dict[str, str] = {}

    def prepare_target(self, sandbox: Sandbox, target: str) -> None:
        """Nothing must change first."""

    def build_command(self, target: str) -> Sequence[str]:
        """The words of the command."""
        raise NotImplementedError

    def compute_state_digest(self, sandbox: Sandbox) -> str:
        """A checksum that tells one state from the other."""
        raise NotImplementedError

    def prepare_states(self, sandbox: Sandbox) -> UndisturbedRun:
        """Reach each state once, so that each is as it is when it follows the other."""
        ran = None
        for name in reversed(STATE_NAMES):
            self.prepare_target(sandbox, name)
            ran = run_undisturbed(sandbox, self.build_command(name))
            self.digests[name] = self.compute_state_digest(sandbox)
        assert ran is not None
        return UndisturbedRun(ran.seconds, ran.moves)

    def find_state(self, sandbox: Sandbox, ran: CommandResult, now: str, target: str) -> str:
        """The state with the checksum found."""
        found = self.compute_state_digest(sandbox)
        return next((name for name, known in self.digests.items() if known == found), MIXED_STATE)

    def list_losses(self, sandbox: Sandbox, ran: CommandResult) -> list[str]:
        """What the ledger itself finds wrong."""
        return examine_ledger(LedgerFiles(sandbox.ledger)).faults


class ScoreStage(DigestStage):
    """Runs for two days by turns, so that each replaces the other's outputs and is an issue of its own."""

    title = "score"

    def build_command(self, target: str) -> Sequence[str]:
        """A run for the day of the state."""
        return ("score", "--as-of", STATE_DAYS[target])

    def compute_state_digest(self, sandbox: Sandbox) -> str:
        """All tables, workbook and pages, byte for byte."""
        return compute_folder_digest(sandbox.out, OTHER_OUTPUTS)

    def list_losses(self, sandbox: Sandbox, ran: CommandResult) -> list[str]:
        """An issue that was in place and is not in the ledger would leave its neighbours, of one day, side by side."""
        found = examine_ledger(LedgerFiles(sandbox.ledger))
        days = [line.content["decided_as_of"] for line in found.lines if line.kind == "issue"]
        placed = json.loads((sandbox.out / "run.json").read_text(encoding="utf-8"))["decided_as_of"]
        faults = list(found.faults)
        if any(one == other for one, other in zip(days, days[1:], strict=False)):
            faults.append("an issue that came between two others is not in the ledger")
        if not ran.killed and (not days or days[-1] != placed):
            faults.append(f"the issue of {placed} is not the last in the ledger")
        return faults


class RefreshStage(DigestStage):
    """Two sources from given files whose values differ by turns: both are the old ones, or both the new."""

    title = "refresh"

    def prepare_states(self, sandbox: Sandbox) -> UndisturbedRun:
        """Lay the files out as their publishers do."""
        # The scores at last are trained on other data.
        _shorten_training(sandbox)
        for more, name in enumerate(STATE_NAMES):
            write_published_files(sandbox.root / "given" / name, sandbox.raw, more)
        return super().prepare_states(sandbox)

    def build_command(self, target: str) -> Sequence[str]:
        """Both sources from the state's own folder."""
        given = f"given/{target}"
        return ("data", "refresh", "--from", given, "--source", "pts", "--source", "coups", "--accept", "all")

    def compute_state_digest(self, sandbox: Sandbox) -> str:
        """Every table and card; the list of checksums holds the day, and `risk verify` checks it."""
        return compute_folder_digest(sandbox.raw, ("SHA256SUMS",))


class TrainingStage(DigestStage):
    """Trainings on two snapshots by turns: saved models are whole, and the scores issued stay as they were."""

    title = "training"
    remark = "8 rounds of trees for 48, 4 origins forecast again for 18, rows from 2008 for 1980: in the same steps"

    def prepare_states(self, sandbox: Sandbox) -> UndisturbedRun:
        """Make training shorter, and a second snapshot in which one score is another."""
        _shorten_training(sandbox)
        for name in STATE_NAMES:
            shutil.copytree(sandbox.raw, sandbox.root / "snapshots" / name)
        _alter_terror_score(sandbox.root / "snapshots" / STATE_NAMES[1])
        ready = super().prepare_states(sandbox)
        self.issued = compute_folder_digest(sandbox.out, (*OTHER_OUTPUTS, "reports"))
        return ready

    def prepare_target(self, sandbox: Sandbox, target: str) -> None:
        """Put the state's snapshot in place."""
        shutil.rmtree(sandbox.raw)
        shutil.copytree(sandbox.root / "snapshots" / target, sandbox.raw)

    def build_command(self, target: str) -> Sequence[str]:
        """A training of all models."""
        return ("train",)

    def compute_state_digest(self, sandbox: Sandbox) -> str:
        """The data that all models in use rest on, or the several."""
        records = [sandbox.out / "models" / f"{outcome}.json" for outcome in OUTCOMES]
        return " ".join(sorted({json.loads(path.read_text(encoding="utf-8"))["panel"] for path in records}))

    def find_state(self, sandbox: Sandbox, ran: CommandResult, now: str, target: str) -> str:
        """Models are put in use one outcome after another; a run takes none of other data than its own."""
        found = self.compute_state_digest(sandbox)
        known = set(self.digests.values())
        return (
            PARTLY_REPLACED
            if " " in found and set(found.split()) <= known
            else super().find_state(sandbox, ran, now, target)
        )

    def list_losses(self, sandbox: Sandbox, ran: CommandResult) -> list[str]:
        """Whether a training touched what was issued."""
        same = not ran.killed or compute_folder_digest(sandbox.out, (*OTHER_OUTPUTS, "reports")) == self.issued
        return [
            *super().list_losses(sandbox, ran),
            *([] if same else ["outputs are not those of the last run of scores"]),
        ]


class LedgerStage(DigestStage):
    """Notes added one after another; each that was said to be there is there afterwards."""

    title = "ledger"

    def prepare_states(self, sandbox: Sandbox) -> UndisturbedRun:
        """Two notes: the first brings the issue that lies there into the ledger as well."""
        run_undisturbed(sandbox, self.build_command(STATE_NAMES[0])[1:])
        ran = run_undisturbed(sandbox, self.build_command(STATE_NAMES[0])[1:])
        self.lines = len(examine_ledger(LedgerFiles(sandbox.ledger)).lines)
        return UndisturbedRun(ran.seconds + WRITING_SECONDS, ran.moves * NOTE_COUNT, ran.seconds / 2)

    def build_command(self, target: str) -> Sequence[str]:
        """The same note again and again."""
        return ("--again", "ledger", "note", "NOR", "Invented.", "--by", target)

    def find_state(self, sandbox: Sandbox, ran: CommandResult, now: str, target: str) -> str:
        """Old: all lines told of, and no more; new: one more, written but not yet told of when the kill came."""
        told = self.lines + len(re.findall(r"^Line \d+ added", ran.output, re.MULTILINE))
        found = len(examine_ledger(LedgerFiles(sandbox.ledger)).lines)
        self.lines = found
        return {told: now, told + 1: target}.get(found, f"{found} lines, {told} were told of")


def list_kill_stages() -> tuple[DigestStage, ...]:
    """All stages, the longest first, so that two lines of work end together."""
    return TrainingStage(), ScoreStage(), RefreshStage(), LedgerStage()


def _shorten_training(sandbox: Sandbox) -> None:
    """Make training shorter in this copy: fewer trees, fewer origins forecast again."""
    for path, old, new in SMALLER_SETTINGS:
        text = (sandbox.root / path).read_text(encoding="utf-8")
        if old not in text:
            raise BadInput(f"{path}: {old!r} is not there, so training cannot be made shorter")
        (sandbox.root / path).write_text(text.replace(old, new), encoding="utf-8")


def _alter_terror_score(raw: Path) -> None:
    """Another score of terror for Norway in 2010, with card and list of checksums that vouch for it."""
    path, card = raw / "pts" / "scores.csv", raw / "pts" / "card.yaml"
    old = path.read_bytes()
    new = re.sub(rb"^NOR,2010,1.0,", b"NOR,2010,2.0,", old, flags=re.MULTILINE)
    path.write_bytes(new)
    said, says = sha256(old).hexdigest(), sha256(new).hexdigest()
    card.write_bytes(card.read_bytes().replace(said.encode(), says.encode()))
    write_checksum_list(raw, "pts")
