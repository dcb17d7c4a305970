"""The kill stages: a refresh, a score run, a training, and writes to the ledger."""

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
from risk.ledger.ledger_files import LedgerFiles
from risk.ledger.reader import examine_ledger

STATE_DAYS = dict(zip(STATE_NAMES, ("2026-11-23", "2026-11-22"), strict=True))
# Folders that other commands write next to a run's outputs.
OTHER_OUTPUTS = ("cases", "mlflow", "models")
SMALLER_SETTINGS = (
    ("models/training/estimator.py", '"max_iter": 48', '"max_iter": 8'),
    ("models/training/splits.py", "CALIBRATION_ORIGINS = 18", "CALIBRATION_ORIGINS = 4"),
    ("models/training/splits.py", "FIRST_TRAINING_ORIGIN = 1980", "FIRST_TRAINING_ORIGIN = 2008"),
)
MIXED_STATE = "mixed"
# The range from which a kill is drawn: seconds of writing to the ledger, and file moves of this many notes.
WRITING_SECONDS, NOTE_COUNT = 3.0, 12


class DigestStage:
    """A stage whose states are identified by a checksum."""

    title, remark = "", ""

    def __init__(self) -> None:
        """Start without known states."""
        self.digests: dict[str, str] = {}

    def prepare_target(self, sandbox: Sandbox, target: str) -> None:
        """Nothing must change first."""

    def build_command(self, target: str) -> Sequence[str]:
        """The words of the command."""
        raise NotImplementedError

    def compute_state_digest(self, sandbox: Sandbox) -> str:
        """A checksum that distinguishes the states."""
        raise NotImplementedError

    def prepare_states(self, sandbox: Sandbox) -> UndisturbedRun:
        """Reach each state once, so that each is as it is after the other."""
        ran = None
        for name in reversed(STATE_NAMES):
            self.prepare_target(sandbox, name)
            ran = run_undisturbed(sandbox, self.build_command(name))
            self.digests[name] = self.compute_state_digest(sandbox)
        assert ran is not None
        return UndisturbedRun(ran.seconds, ran.moves)

    def find_state(self, sandbox: Sandbox, ran: CommandResult, now: str, target: str) -> str:
        """The state with the current checksum, or MIXED_STATE."""
        digest = self.compute_state_digest(sandbox)
        return next((name for name, known in self.digests.items() if known == digest), MIXED_STATE)

    def list_losses(self, sandbox: Sandbox, ran: CommandResult) -> list[str]:
        """The faults that the ledger's check finds."""
        return examine_ledger(LedgerFiles(sandbox.ledger)).faults


class ScoreStage(DigestStage):
    """Score runs for two alternating days, each replacing the other's outputs as a new score release."""

    title = "score"

    def build_command(self, target: str) -> Sequence[str]:
        """A run for the day of the state."""
        return ("score", "--as-of", STATE_DAYS[target])

    def compute_state_digest(self, sandbox: Sandbox) -> str:
        """A checksum of all tables, the workbook and the pages."""
        return compute_folder_digest(sandbox.out, OTHER_OUTPUTS)

    def list_losses(self, sandbox: Sandbox, ran: CommandResult) -> list[str]:
        """The ledger's faults and missing score releases: a missing one leaves two of the same day in sequence."""
        examined = examine_ledger(LedgerFiles(sandbox.ledger))
        days = [line.content["decided_as_of"] for line in examined.lines if line.kind == "issue"]
        released = json.loads((sandbox.out / "run.json").read_text(encoding="utf-8"))["decided_as_of"]
        faults = list(examined.faults)
        if any(day == next_day for day, next_day in zip(days, days[1:], strict=False)):
            faults.append("a score release between two others is missing from the ledger")
        if not ran.killed and (not days or days[-1] != released):
            faults.append(f"the score release of {released} is not the last in the ledger")
        return faults


class RefreshStage(DigestStage):
    """A refresh of two sources from files with alternating values: both must be old, or both new."""

    title = "refresh"

    def prepare_states(self, sandbox: Sandbox) -> UndisturbedRun:
        """Write the files in their publishers' layouts."""
        # The final score run trains on changed data.
        _shorten_training(sandbox)
        for more, name in enumerate(STATE_NAMES):
            write_published_files(sandbox.root / "given" / name, sandbox.raw, more)
        return super().prepare_states(sandbox)

    def build_command(self, target: str) -> Sequence[str]:
        """A refresh of both sources from the state's folder."""
        folder = f"given/{target}"
        return ("data", "refresh", "--from", folder, "--source", "pts", "--source", "coups", "--accept", "all")

    def compute_state_digest(self, sandbox: Sandbox) -> str:
        """A checksum of every table and card; the checksum list contains the day, and `risk verify` checks it."""
        return compute_folder_digest(sandbox.raw, ("SHA256SUMS",))


class TrainingStage(DigestStage):
    """Trainings on two alternating snapshots: saved models stay intact, and released scores stay unchanged."""

    title = "training"
    remark = "shortened: 8 boosting rounds, not 48; 4 calibration origins, not 18; rows from 2008, not 1980"

    def prepare_states(self, sandbox: Sandbox) -> UndisturbedRun:
        """Shorten training, and make a second snapshot with one changed score."""
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
        """The panel checksums of all models in use, joined by spaces."""
        records = [sandbox.out / "models" / f"{outcome}.json" for outcome in OUTCOMES]
        return " ".join(sorted({json.loads(path.read_text(encoding="utf-8"))["panel"] for path in records}))

    def find_state(self, sandbox: Sandbox, ran: CommandResult, now: str, target: str) -> str:
        """Models are installed one outcome after another; a run uses only models of its own data."""
        digest = self.compute_state_digest(sandbox)
        known = set(self.digests.values())
        return (
            PARTLY_REPLACED
            if " " in digest and set(digest.split()) <= known
            else super().find_state(sandbox, ran, now, target)
        )

    def list_losses(self, sandbox: Sandbox, ran: CommandResult) -> list[str]:
        """The ledger's faults, and whether a killed training changed released outputs."""
        is_unchanged = not ran.killed or compute_folder_digest(sandbox.out, (*OTHER_OUTPUTS, "reports")) == self.issued
        return [
            *super().list_losses(sandbox, ran),
            *([] if is_unchanged else ["the outputs differ from those of the last score run"]),
        ]


class LedgerStage(DigestStage):
    """Notes added one after another; each confirmed note must be there afterward."""

    title = "ledger"

    def prepare_states(self, sandbox: Sandbox) -> UndisturbedRun:
        """Add two notes; the first also records the score release in place."""
        run_undisturbed(sandbox, self.build_command(STATE_NAMES[0])[1:])
        ran = run_undisturbed(sandbox, self.build_command(STATE_NAMES[0])[1:])
        self.lines = len(examine_ledger(LedgerFiles(sandbox.ledger)).lines)
        return UndisturbedRun(ran.seconds + WRITING_SECONDS, ran.moves * NOTE_COUNT, ran.seconds / 2)

    def build_command(self, target: str) -> Sequence[str]:
        """The same note, repeated."""
        return ("--again", "ledger", "note", "NOR", "Invented.", "--by", target)

    def find_state(self, sandbox: Sandbox, ran: CommandResult, now: str, target: str) -> str:
        """Old: exactly the confirmed lines; new: one more, written but not yet confirmed at the kill."""
        confirmed = self.lines + len(re.findall(r"^Line \d+ added", ran.output, re.MULTILINE))
        line_count = len(examine_ledger(LedgerFiles(sandbox.ledger)).lines)
        self.lines = line_count
        return {confirmed: now, confirmed + 1: target}.get(line_count, f"{line_count} lines, {confirmed} confirmed")


def list_kill_stages() -> tuple[DigestStage, ...]:
    """All stages, the longest first, so that two parallel workers end together."""
    return TrainingStage(), ScoreStage(), RefreshStage(), LedgerStage()


def _shorten_training(sandbox: Sandbox) -> None:
    """Shorten training in this copy: fewer trees, fewer calibration origins."""
    for path, old, new in SMALLER_SETTINGS:
        text = (sandbox.root / path).read_text(encoding="utf-8")
        if old not in text:
            raise BadInput(f"{path}: {old!r} not found; update SMALLER_SETTINGS in bench/faults/stages.py")
        (sandbox.root / path).write_text(text.replace(old, new), encoding="utf-8")


def _alter_terror_score(raw: Path) -> None:
    """Another score of terror for Norway in 2010, with card and list of checksums that vouch for it."""
    path, card = raw / "pts" / "scores.csv", raw / "pts" / "card.yaml"
    old = path.read_bytes()
    new = re.sub(rb"^NOR,2010,1.0,", b"NOR,2010,2.0,", old, flags=re.MULTILINE)
    path.write_bytes(new)
    old_checksum, new_checksum = sha256(old).hexdigest(), sha256(new).hexdigest()
    card.write_bytes(card.read_bytes().replace(old_checksum.encode(), new_checksum.encode()))
    write_checksum_list(raw, "pts")
