"""Detects changes to the snapshot, cards, saved models, ledger and last released figures."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from features.bad_input import BadInput
from features.snapshot.checksums import list_checksum_faults as sum_faults
from features.snapshot.compile import SOURCES
from features.snapshot.snapshot import Snapshot
from models.registry.integrity import list_model_faults as model_faults
from risk.ledger.issues import read_release
from risk.ledger.ledger_files import LedgerFiles
from risk.ledger.line import LedgerLine, holds_hash
from risk.ledger.reader import ExaminedLedger, examine_ledger
from risk.outputs.last_run import read_manifest
from risk.rules.loading import RULEBOOK_FOLDER
from risk.rules.rulebook_files import read_rulebook


class VerifiedPart(NamedTuple):
    """One verified part: its name, its size, its faults, and remarks."""

    what: str
    size: str
    faults: list[str]
    remarks: list[str]


def verify_all(
    out: Path, place: LedgerFiles, snapshot: Snapshot, rulebook: Path = RULEBOOK_FOLDER
) -> list[VerifiedPart]:
    """Check everything, one thing after another; every fault names its place."""
    examined = examine_ledger(place)
    return [
        _check_snapshot(snapshot),
        _check_models(out / "models"),
        VerifiedPart("ledger", f"{len(examined.lines)} lines", examined.faults, examined.remarks),
        _check_outputs(out, examined, rulebook),
    ]


def _check_snapshot(snapshot: Snapshot) -> VerifiedPart:
    """Every file against the list of checksums, and every table against its card."""
    files = sum(path.is_file() for path in snapshot.folder.rglob("*"))
    return VerifiedPart("snapshot", f"{files} files", [*sum_faults(snapshot.folder), *_list_table_faults(snapshot)], [])


def _list_table_faults(snapshot: Snapshot) -> Iterator[str]:
    for source in SOURCES:
        try:
            card = snapshot.read_card(source)
        except (BadInput, UnicodeDecodeError) as error:
            yield (
                str(error)
                if isinstance(error, BadInput)
                else f"{snapshot.folder / source / 'card.yaml'}: not readable as text"
            )
            continue
        for name in card.tables:
            try:
                snapshot.read_table(source, name)
            except BadInput as error:
                yield str(error)


def _check_models(folder: Path) -> VerifiedPart:
    files = len([*folder.glob("*.json"), *folder.glob("*.skops")])
    return VerifiedPart("models", f"{files} files", list(model_faults(folder)), [])


def _check_outputs(out: Path, examined: ExaminedLedger, rulebook: Path) -> VerifiedPart:
    """Compare the figures in the output folder with the last release in the ledger."""
    try:
        release = read_release(out)
    except BadInput as error:
        return VerifiedPart("outputs", "unreadable", [str(error)], [])
    if release is None:
        return VerifiedPart("outputs", "none yet", [], [])
    size = f"{len(release.figures)} partners"
    remarks = _check_rulebook_checksum(out, rulebook)
    # An altered line may be unreadable.
    lines = [line for line in examined.lines if holds_hash(line)] if examined.faults else examined.lines
    last = next((line for line in reversed(lines) if line.kind == "issue"), None)
    if release.is_last(lines):
        return VerifiedPart("outputs", size, [], [f"as recorded in line {last.number}" if last else "", *remarks])
    if last is not None and _match_decisions(last, release.body):
        fault = f"{out}: its figures differ from those in line {last.number} for the same snapshot, models and rules"
        return VerifiedPart("outputs", size, [fault], remarks)
    return VerifiedPart(
        "outputs", size, [], ["not yet in the ledger; the next `risk score` records them first", *remarks]
    )


def _match_decisions(last: LedgerLine, body: dict[str, object]) -> bool:
    content = last.content
    return all(content.get(name) == body[name] for name in body if name not in ("figures", "partners"))


def _check_rulebook_checksum(out: Path, rulebook: Path) -> list[str]:
    manifest = read_manifest(out) or {}
    same = manifest.get("rulebook") == read_rulebook(rulebook).checksum
    return [] if same else ["the rulebook has changed since these outputs were written"]
