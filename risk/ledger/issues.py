"""An issue of scores as lines: what decided it, then every partner's figures and package."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from features.bad_input import BadInput, first_line
from features.files.untrusted import parsed
from risk.ledger.files import Place
from risk.ledger.line import Line, canonical
from risk.ledger.reader import read_lines
from risk.ledger.text_checks import signed
from risk.ledger.writer import Ledger, writing
from risk.outputs.atomic_swap import Busy, only_run, steady

DECIDED_BY = (
    "snapshot", "models", "rulebook", "profile", "origin", "horizon_end", "versions", "decided_as_of", "base_rates",
)  # fmt: skip
FIGURES = ("probability", "low", "high", "status", "tier")
PARTNER = ("partner", "posture", "strategic_value", "leverage")
TABLES = ("scores", "partners", "decisions")
Row = Mapping[str, Any]


class Issue(NamedTuple):
    """One issue of scores: what decided it and what it says of each partner, sorted by partner."""

    decided: Mapping[str, Any]
    figures: list[dict[str, Any]]

    def is_last(self, lines: Sequence[Line]) -> bool:
        """Whether the last issue among the lines says the same."""
        last = next((line for line in reversed(lines) if line.kind == "issue"), None)
        return last is not None and last.body == canonical(self.body)

    @property
    def body(self) -> dict[str, Any]:
        """What the line of the issue says: the figures are in it as their number and checksum."""
        checksum = sha256(canonical(self.figures).encode()).hexdigest()
        return {**self.decided, "partners": len(self.figures), "figures": checksum}


class Unreadable(BadInput):
    """Outputs that nobody can read."""


def issue_in(out: Path) -> Issue | None:
    """The issue that lies in an output folder, or none where nothing was scored yet; Unreadable if it is damaged."""
    with steady(out):
        return _issue_in(out)


def _issue_in(out: Path) -> Issue | None:
    paths = [out / "run.json", *(out / f"{name}.parquet" for name in TABLES)]
    if not all(path.is_file() for path in paths):
        return None
    try:
        record = parsed(paths[0].read_bytes())
        scores, partners, decisions = (pl.read_parquet(path) for path in paths[1:])
        decided = {name: record.get(name) for name in DECIDED_BY}
        outcomes, packages = _by_partner(scores.to_dicts()), _by_partner(decisions.sort("rule").to_dicts())
        rows = partners.sort("iso3").to_dicts()
        issue = Issue(decided, [_figures(row, outcomes, packages) for row in rows])
        # What no line can be written of is no issue either: a number that is none, a value of another type.
        canonical(issue.body)
    except (ValueError, KeyError, TypeError, AttributeError, OSError, pl.exceptions.PolarsError) as error:
        raise Unreadable(f"{out}: outputs cannot be read ({first_line(error)})") from None
    return issue


def _by_partner(rows: Sequence[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["iso3"], []).append(row)
    return groups


def _figures(
    partner: Row, scores: Mapping[str, Sequence[Row]], decisions: Mapping[str, Sequence[Row]]
) -> dict[str, Any]:
    iso3 = partner["iso3"]
    return {
        "iso3": iso3,
        **{name: partner[name] for name in PARTNER},
        "outcomes": {row["outcome"]: {name: row[name] for name in FIGURES} for row in scores.get(iso3, ())},
        "package": {row["rule"]: row["result"] for row in decisions.get(iso3, ())},
    }


def record_issue(out: Path, place: Place, who: str | None = None) -> Line | None:
    """Record the issue that lies in an output folder, unless it is the last one recorded; the line, or none.

    The caller keeps other runs out of the folder. Raises BadInput where the ledger is broken or cannot be written.
    """
    issue = issue_in(out)
    if issue is None or issue.is_last(read_lines(place)):
        return None
    with writing(place) as ledger:
        last = ledger.last("issue")
        return None if last and issue.is_last([last]) else _added(issue, ledger, who)


def _added(issue: Issue, ledger: Ledger, who: str | None) -> Line:
    number = ledger.head().number + 1
    figures = [("figures", {"issue": number, **row}) for row in issue.figures]
    return ledger.add([("issue", issue.body), *figures], who)[0]


def catch_up(out: Path, place: Place, who: str | None = None) -> None:
    """Record what a run that was cut short left in place but not in the ledger; a run under way does so itself."""
    if not out.is_dir():
        return
    with suppress(Busy, Unreadable), only_run(out):
        record_issue(out, place, who)


@contextmanager
def recorded(out: Path, place: Place | None, who: str | None = None) -> Iterator[None]:
    """Record the outputs that a run is about to replace, then let it run, then record what it put in place.

    Recording comes after the outputs, so that the ledger names no issue that nobody could read. A kill in between
    leaves outputs that the next command records, and none is replaced before it has been recorded. Raises BadInput:
    before the run where the ledger cannot take the earlier outputs, after it where it cannot take the new ones.
    """
    if place is None:
        yield
        return
    by = signed(who)
    # What nobody can read is not an issue that could be lost.
    with suppress(Unreadable):
        record_issue(out, place, by)
    yield
    try:
        record_issue(out, place, by)
    except BadInput as error:
        raise BadInput(f"{error}; the new outputs in {out} are in place, and the next command records them") from None
