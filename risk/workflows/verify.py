"""Whether anything the engine rests on was altered: snapshot, cards, saved models, ledger, and what was issued last."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from features.bad_input import BadInput
from features.snapshot.cards import RAW, read_card, read_table
from features.snapshot.checksums import faults as sum_faults
from features.snapshot.compile import SOURCES
from models.registry.integrity import faults as model_faults
from risk.ledger.files import Place
from risk.ledger.issues import issue_in
from risk.ledger.line import Line, holds_hash
from risk.ledger.reader import Examined, examine
from risk.rules.files import read_rulebook
from risk.rules.loading import RULEBOOK


class Checked(NamedTuple):
    """One thing checked: what it is, how much of it there was, what is wrong, and what else is to be known."""

    what: str
    size: str
    faults: list[str]
    remarks: list[str]


def verify_all(out: Path, place: Place, raw: Path = RAW, rulebook: Path = RULEBOOK) -> list[Checked]:
    """Check everything, one thing after another; every fault names its place."""
    examined = examine(place)
    return [
        _snapshot(raw),
        _models(out / "models"),
        Checked("ledger", f"{len(examined.lines)} lines", examined.faults, examined.remarks),
        _outputs(out, examined, rulebook),
    ]


def _snapshot(raw: Path) -> Checked:
    """Every file against the list of checksums, and every table against its card."""
    files = sum(path.is_file() for path in raw.rglob("*"))
    return Checked("snapshot", f"{files} files", [*sum_faults(raw), *_table_faults(raw)], [])


def _table_faults(raw: Path) -> Iterator[str]:
    for source in SOURCES:
        try:
            card = read_card(source, raw)
        except (BadInput, UnicodeDecodeError) as error:
            yield str(error) if isinstance(error, BadInput) else f"{raw / source / 'card.yaml'}: not readable as text"
            continue
        for name in card.tables:
            try:
                read_table(source, name, raw)
            except BadInput as error:
                yield str(error)


def _models(folder: Path) -> Checked:
    files = len([*folder.glob("*.json"), *folder.glob("*.skops")])
    return Checked("models", f"{files} files", list(model_faults(folder)), [])


def _outputs(out: Path, examined: Examined, rulebook: Path) -> Checked:
    """The figures in the output folder beside those the ledger last recorded."""
    try:
        issue = issue_in(out)
    except BadInput as error:
        return Checked("outputs", "unreadable", [str(error)], [])
    if issue is None:
        return Checked("outputs", "none yet", [], [])
    size = f"{len(issue.figures)} partners"
    remarks = _rulebook(out, rulebook)
    # An altered line may say nothing that can be read.
    lines = [line for line in examined.lines if holds_hash(line)] if examined.faults else examined.lines
    last = next((line for line in reversed(lines) if line.kind == "issue"), None)
    if issue.is_last(lines):
        return Checked("outputs", size, [], [f"as recorded in line {last.number}" if last else "", *remarks])
    if last is not None and _decided_alike(last, issue.body):
        fault = (
            f"{out}: its figures are not those that line {last.number} recorded for the same snapshot, models and rules"
        )
        return Checked("outputs", size, [fault], remarks)
    return Checked("outputs", size, [], ["not yet in the ledger: the next `risk score` records them first", *remarks])


def _decided_alike(last: Line, body: dict[str, object]) -> bool:
    said = last.said
    return all(said.get(name) == body[name] for name in body if name not in ("figures", "partners"))


def _rulebook(out: Path, rulebook: Path) -> list[str]:
    said = json.loads((out / "run.json").read_text(encoding="utf-8")).get("rulebook")
    same = said == read_rulebook(rulebook).checksum
    return [] if same else ["the rulebook is not the one these outputs were decided by"]
