"""An issue of scores as lines: what decided it, then every partner's figures and package."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from features.bad_input import BadInput, find_first_line
from risk.ledger.files import LedgerFiles
from risk.ledger.line import LedgerLine, format_canonical
from risk.ledger.reader import read_lines
from risk.ledger.text_checks import check_signature
from risk.ledger.writer import OpenLedger, open_ledger
from risk.outputs.atomic_swap import FolderBusy, hold_read_lock, hold_run_lock
from risk.outputs.last_run import MANIFEST_FILE, read_manifest

MANIFEST_KEYS = (
    "snapshot", "models", "rulebook", "profile", "origin", "horizon_end", "versions", "decided_as_of", "base_rates",
)  # fmt: skip
SCORE_COLUMNS = ("probability", "low", "high", "status", "tier")
PARTNER_COLUMNS = ("partner", "posture", "strategic_value", "leverage")
RELEASE_TABLES = ("scores", "partners", "decisions")
OutputRow = Mapping[str, Any]


class ScoreRelease(NamedTuple):
    """One issue of scores: what decided it and what it says of each partner, sorted by partner."""

    basis: Mapping[str, Any]
    figures: list[dict[str, Any]]

    def is_last(self, lines: Sequence[LedgerLine]) -> bool:
        """Whether the last issue among the lines says the same."""
        last = next((line for line in reversed(lines) if line.kind == "issue"), None)
        return last is not None and last.body == format_canonical(self.body)

    @property
    def body(self) -> dict[str, Any]:
        """What the line of the issue says: the figures are in it as their number and checksum."""
        checksum = sha256(format_canonical(self.figures).encode()).hexdigest()
        return {**self.basis, "partners": len(self.figures), "figures": checksum}


class UnreadableOutputs(BadInput):
    """Outputs that nobody can read."""


def read_release(out: Path) -> ScoreRelease | None:
    """The issue that lies in an output folder, or none where nothing was scored yet; Unreadable if it is damaged."""
    with hold_read_lock(out):
        return _read_release(out)


def _read_release(out: Path) -> ScoreRelease | None:
    paths = [out / MANIFEST_FILE, *(out / f"{name}.parquet" for name in RELEASE_TABLES)]
    if not all(path.is_file() for path in paths):
        return None
    try:
        record = read_manifest(out) or {}
        scores, partners, decisions = (pl.read_parquet(path) for path in paths[1:])
        decided = {name: record.get(name) for name in MANIFEST_KEYS}
        outcomes, packages = _group_by_partner(scores.to_dicts()), _group_by_partner(decisions.sort("rule").to_dicts())
        rows = partners.sort("iso3").to_dicts()
        issue = ScoreRelease(decided, [_build_partner_figures(row, outcomes, packages) for row in rows])
        # What no line can be written of is no issue either: a number that is none, a value of another type.
        format_canonical(issue.body)
    except (ValueError, KeyError, TypeError, AttributeError, OSError, pl.exceptions.PolarsError) as error:
        raise UnreadableOutputs(f"{out}: outputs cannot be read ({find_first_line(error)})") from None
    return issue


def _group_by_partner(rows: Sequence[OutputRow]) -> dict[str, list[OutputRow]]:
    groups: dict[str, list[OutputRow]] = {}
    for row in rows:
        groups.setdefault(row["iso3"], []).append(row)
    return groups


def _build_partner_figures(
    partner: OutputRow, scores: Mapping[str, Sequence[OutputRow]], decisions: Mapping[str, Sequence[OutputRow]]
) -> dict[str, Any]:
    iso3 = partner["iso3"]
    return {
        "iso3": iso3,
        **{name: partner[name] for name in PARTNER_COLUMNS},
        "outcomes": {row["outcome"]: {name: row[name] for name in SCORE_COLUMNS} for row in scores.get(iso3, ())},
        "package": {row["rule"]: row["result"] for row in decisions.get(iso3, ())},
    }


def record_release(out: Path, place: LedgerFiles, who: str | None = None) -> LedgerLine | None:
    """Record the issue that lies in an output folder, unless it is the last one recorded; the line, or none.

    The caller keeps other runs out of the folder. Raises BadInput where the ledger is broken or cannot be written.
    """
    issue = read_release(out)
    if issue is None or issue.is_last(read_lines(place)):
        return None
    with open_ledger(place) as ledger:
        last = ledger.fetch_last_line("issue")
        return None if last and issue.is_last([last]) else _add_release_lines(issue, ledger, who)


def _add_release_lines(issue: ScoreRelease, ledger: OpenLedger, who: str | None) -> LedgerLine:
    number = ledger.fetch_head().number + 1
    figures = [("figures", {"issue": number, **row}) for row in issue.figures]
    return ledger.add_entries([("issue", issue.body), *figures], who)[0]


def record_missed_release(out: Path, place: LedgerFiles, who: str | None = None) -> None:
    """Record what a run that was cut short left in place but not in the ledger; a run under way does so itself."""
    if not out.is_dir():
        return
    with suppress(FolderBusy, UnreadableOutputs), hold_run_lock(out):
        record_release(out, place, who)


@contextmanager
def record_around_run(out: Path, place: LedgerFiles | None, who: str | None = None) -> Iterator[None]:
    """Record the outputs that a run is about to replace, then let it run, then record what it put in place.

    Recording comes after the outputs, so that the ledger names no issue that nobody could read. A kill in between
    leaves outputs that the next command records, and none is replaced before it has been recorded. Raises BadInput:
    before the run where the ledger cannot take the earlier outputs, after it where it cannot take the new ones.
    """
    if place is None:
        yield
        return
    by = check_signature(who)
    # What nobody can read is not an issue that could be lost.
    with suppress(UnreadableOutputs):
        record_release(out, place, by)
    yield
    try:
        record_release(out, place, by)
    except BadInput as error:
        raise BadInput(f"{error}; the new outputs in {out} are in place, and the next command records them") from None
