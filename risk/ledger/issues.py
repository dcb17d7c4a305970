"""Releases of scores as ledger lines: the release's basis, then every partner's figures and package."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from features.bad_input import BadInput, find_first_line
from risk.ledger.ledger_files import LedgerFiles
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
    """A release of scores: its basis (inputs and versions) and each partner's figures, sorted by partner."""

    basis: Mapping[str, Any]
    figures: list[dict[str, Any]]

    def is_last(self, lines: Sequence[LedgerLine]) -> bool:
        """Whether the last release among the lines is the same."""
        last = next((line for line in reversed(lines) if line.kind == "issue"), None)
        return last is not None and last.body == format_canonical(self.body)

    @property
    def body(self) -> dict[str, Any]:
        """The body of the release's line, with the figures as their number and checksum."""
        checksum = sha256(format_canonical(self.figures).encode()).hexdigest()
        return {**self.basis, "partners": len(self.figures), "figures": checksum}


class UnreadableOutputs(BadInput):
    """Outputs that cannot be read."""


def read_release(out: Path) -> ScoreRelease | None:
    """Read the release in an output folder, or None before the first run; raises UnreadableOutputs if damaged."""
    with hold_read_lock(out):
        return _read_release(out)


def _read_release(out: Path) -> ScoreRelease | None:
    paths = [out / MANIFEST_FILE, *(out / f"{name}.parquet" for name in RELEASE_TABLES)]
    if not all(path.is_file() for path in paths):
        return None
    try:
        manifest = read_manifest(out) or {}
        scores, partners, decisions = (pl.read_parquet(path) for path in paths[1:])
        basis = {name: manifest.get(name) for name in MANIFEST_KEYS}
        outcomes, packages = _group_by_partner(scores.to_dicts()), _group_by_partner(decisions.sort("rule").to_dicts())
        rows = partners.sort("iso3").to_dicts()
        release = ScoreRelease(basis, [_build_partner_figures(row, outcomes, packages) for row in rows])
        # Outputs that cannot be written as a line, such as NaN, are no release.
        format_canonical(release.body)
    except (ValueError, KeyError, TypeError, AttributeError, OSError, pl.exceptions.PolarsError) as error:
        raise UnreadableOutputs(f"{out}: outputs cannot be read ({find_first_line(error)})") from None
    return release


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


def record_release(out: Path, files: LedgerFiles, who: str | None = None) -> LedgerLine | None:
    """Record the release in an output folder unless it is the last recorded one; return the line, or None.

    The caller must hold the folder's run lock. Raises BadInput if the ledger is damaged or cannot be written.
    """
    release = read_release(out)
    if release is None or release.is_last(read_lines(files)):
        return None
    with open_ledger(files) as ledger:
        last = ledger.fetch_last_line("issue")
        return None if last and release.is_last([last]) else _add_release_lines(release, ledger, who)


def _add_release_lines(release: ScoreRelease, ledger: OpenLedger, who: str | None) -> LedgerLine:
    number = ledger.fetch_head().number + 1
    figures = [("figures", {"issue": number, **row}) for row in release.figures]
    return ledger.add_entries([("issue", release.body), *figures], who)[0]


def record_missed_release(out: Path, files: LedgerFiles, who: str | None = None) -> None:
    """Record the outputs of an interrupted run that are missing in the ledger; a running run records its own."""
    if not out.is_dir():
        return
    with suppress(FolderBusy, UnreadableOutputs), hold_run_lock(out):
        record_release(out, files, who)


@contextmanager
def record_around_run(out: Path, files: LedgerFiles | None, who: str | None = None) -> Iterator[None]:
    """Record the outputs that a run will replace, let it run, then record its new outputs.

    Recording follows the outputs, so that the ledger never names an unreadable release. A kill in between leaves
    outputs that the next command records; none is replaced before it is recorded. Raises BadInput before the run
    if the ledger cannot record the earlier outputs, and after it if it cannot record the new ones.
    """
    if files is None:
        yield
        return
    by = check_signature(who)
    # Unreadable outputs cannot be recorded, so there is no release to lose.
    with suppress(UnreadableOutputs):
        record_release(out, files, by)
    yield
    try:
        record_release(out, files, by)
    except BadInput as error:
        raise BadInput(f"{error}; the new outputs in {out} are complete, and the next command records them") from None
