"""An issue of scores as lines: what decided it, then every partner's figures and package."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from features.bad_input import BadInput
from risk.ledger.line import Line, canonical
from risk.ledger.place import Place
from risk.ledger.writer import Ledger, writing

DECIDED_BY = (
    "snapshot", "models", "rulebook", "profile", "origin", "horizon_end", "versions", "decided_as_of", "base_rates",
)  # fmt: skip
FIGURES = ("probability", "low", "high", "status", "tier")
PARTNER = ("partner", "posture", "strategic_value", "leverage")
TABLES = ("scores", "partners", "decisions")


class Issue(NamedTuple):
    """One issue of scores: what decided it and what it says of each partner, sorted by partner."""

    decided: Mapping[str, Any]
    figures: list[dict[str, Any]]

    @property
    def body(self) -> dict[str, Any]:
        """What the line of the issue says: the figures are in it as their number and checksum."""
        checksum = sha256(canonical(self.figures).encode()).hexdigest()
        return {**self.decided, "partners": len(self.figures), "figures": checksum}


def issue_in(out: Path) -> Issue | None:
    """The issue that lies in an output folder, or none where nothing was scored yet."""
    paths = [out / "run.json", *(out / f"{name}.parquet" for name in TABLES)]
    if not all(path.is_file() for path in paths):
        return None
    try:
        record = json.loads(paths[0].read_text(encoding="utf-8"))
        scores, partners, decisions = (pl.read_parquet(path) for path in paths[1:])
    except (ValueError, pl.exceptions.PolarsError) as error:
        raise BadInput(f"{out}: outputs cannot be read ({str(error).splitlines()[0]}); see `risk score`") from None
    decided = {name: record.get(name) for name in DECIDED_BY}
    return Issue(decided, [_figures(row, scores, decisions) for row in partners.sort("iso3").to_dicts()])


def _figures(partner: Mapping[str, Any], scores: pl.DataFrame, decisions: pl.DataFrame) -> dict[str, Any]:
    iso3 = partner["iso3"]
    rows = scores.filter(pl.col("iso3") == iso3).to_dicts()
    package = decisions.filter(pl.col("iso3") == iso3).select("rule", "result").sort("rule").rows()
    return {
        "iso3": iso3,
        **{name: partner[name] for name in PARTNER},
        "outcomes": {row["outcome"]: {name: row[name] for name in FIGURES} for row in rows},
        "package": dict(package),
    }


def record_issue(out: Path, place: Place, who: str | None = None) -> Line | None:
    """Record the issue that lies in an output folder, unless it is the last one recorded; the line, or none.

    The caller keeps other runs out of the folder. Raises BadInput where the ledger cannot be written.
    """
    issue = issue_in(out)
    if issue is None:
        return None
    with writing(place) as ledger:
        return _recorded(issue, ledger, who)


def _recorded(issue: Issue, ledger: Ledger, who: str | None) -> Line | None:
    last, body = ledger.last("issue"), issue.body
    if last is not None and last.body == canonical(body):
        return None
    number = ledger.head().number + 1
    figures = [("figures", {"issue": number, **row}) for row in issue.figures]
    return ledger.add([("issue", body), *figures], who)[0]
