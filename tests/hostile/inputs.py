"""Readers of what colleagues and partners hand in: cases, requests, rulebooks, conditions, tables, own outcomes."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from bench.rule_interpreter import compile_condition
from features.bad_input import BadInput
from models.evaluation.own_outcome import read_outcome
from risk.cases.reading.fields import accepted, checked
from risk.cases.reading.files import read_parts, read_yaml
from risk.cases.tables.loading import FILES, read_tables
from risk.portfolio.what_if.request import Names, read_request
from risk.rules.conditions import parse_atom
from risk.rules.files import read_rulebook
from risk.rules.loading import RULE_FILES, load_rulebook, read_rules
from tests.risk.rules.rulebook_example import FOLDER, SCHEMA

Reader = Callable[[bytes, Path], object]
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
KEYS = accepted(read_tables(read_rulebook(FOLDER)), ["EGY", "MLI", "NOR", "SAU", "UKR"])
NAMES = Names(
    {iso3: iso3 for iso3 in ("AFG", "EGY", "ISR", "UKR")},
    {
        "region": ["East Asia & Pacific", "Europe & Central Asia", "Sub-Saharan Africa"],
        "tier": ["low", "severe"],
        "posture": ["be_wary", "invest"],
    },
)
SMALL = ("tiers", "postures", "measures", "repealed")
EVENTS = "iso3,year,event\n" + "".join(
    f"{iso3},{year},{int(iso3 == 'EGY')}\n" for iso3 in ("EGY", "ISR") for year in range(1980, 2005)
)
REDLINE = """- id: invented_redline
  kind: redline
  title: An invented act that anyone can see
  applies_when:
    - "tier IN ('high','severe')"
    - "leverage >= 50"
  because: Invented for a test.
  not_when: The act was asked for in writing.
  programmes: [fms]
  judged_by: An invented office, from an invented paper.
  steps: [Ask, Stop]
  reference: {cite: "FAA 620M", status: verify, as_of: 2025-01-06}
  in_force: [{from: 2025-01-01}]
"""


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _cases(ending: str) -> Reader:
    def read(content: bytes, folder: Path) -> object:
        path = _written(folder / f"invented{ending}", content)
        if ending == ".yaml":
            return read_yaml(path, KEYS)
        return [(part.faults, checked(part.rows, KEYS)) for part in read_parts(path)]

    return read


def _request(content: bytes, folder: Path) -> object:
    return read_request(_written(folder / "request.yaml", content), NAMES)


def _rules(content: bytes, folder: Path) -> object:
    """The first byte says which of the files of rules."""
    stems = list(RULE_FILES)
    for stem in stems:
        _written(folder / f"{stem}.yaml", b"[]")
    _written(folder / f"{stems[content[0] % len(stems) if content else 0]}.yaml", content[1:])
    return read_rules(folder)


def _rulebook(content: bytes, folder: Path) -> object:
    """A whole rulebook with other redlines; the other rules are left out, to be quick."""
    book = folder / "book"
    for stem in (*RULE_FILES, "precedents"):
        _written(book / f"{stem}.yaml", b"[]")
    for stem in SMALL:
        shutil.copyfile(FOLDER / f"{stem}.yaml", book / f"{stem}.yaml")
    shutil.copytree(FOLDER / "designations", book / "designations")
    _written(book / "redlines.yaml", content)
    return load_rulebook(book, SCHEMA)


def _patterns(content: bytes, folder: Path) -> object:
    """The first byte says which of the files whose patterns are tried on texts."""
    book = folder / "book"
    for stem in (*RULE_FILES, "precedents"):
        _written(book / f"{stem}.yaml", b"[]")
    for stem in SMALL:
        shutil.copyfile(FOLDER / f"{stem}.yaml", book / f"{stem}.yaml")
    (book / "designations").mkdir()
    _written(book / "redlines.yaml", REDLINE.encode())
    _written(book / f"{SMALL[content[0] % len(SMALL) if content else 0]}.yaml", content[1:])
    return load_rulebook(book, SCHEMA)


def _condition(content: bytes, folder: Path) -> object:
    """A condition says what is wrong in a ValueError of one line, which the rulebook tells with file and line."""
    atom = content.decode(errors="replace")
    try:
        return parse_atom(atom, SCHEMA), compile_condition(atom, SCHEMA)
    except ValueError as error:
        raise BadInput(str(error)) from None


def _transfers(content: bytes, folder: Path) -> object:
    """The first byte says which of the tables on transfers."""
    stems = list(FILES)
    shutil.copytree(FOLDER / "transfers", folder / "transfers")
    _written(folder / "transfers" / f"{stems[content[0] % len(stems) if content else 0]}.yaml", content[1:])
    return read_tables(read_rulebook(folder))


def _outcome(content: bytes, folder: Path) -> object:
    return read_outcome(_written(folder / "invented.csv", content), "calendar", 2)


def _parquet() -> bytes:
    table = pl.read_csv(EXAMPLES / "cases.csv", infer_schema=False).to_arrow()
    made = io.BytesIO()
    pq.write_table(table, made)
    return made.getvalue()


READERS: dict[str, tuple[Reader, bytes]] = {
    "cases_yaml": (_cases(".yaml"), (EXAMPLES / "case.yaml").read_bytes()),
    "cases_csv": (_cases(".csv"), (EXAMPLES / "cases.csv").read_bytes()),
    "cases_parquet": (_cases(".parquet"), _parquet()),
    "request": (_request, (EXAMPLES / "what_if.yaml").read_bytes()),
    "rules": (_rules, bytes([list(RULE_FILES).index("redlines")]) + REDLINE.encode()),
    "rulebook": (_rulebook, REDLINE.encode()),
    "patterns": (_patterns, b"\x02" + (FOLDER / "measures.yaml").read_bytes()),
    "condition": (_condition, b"leverage + 2 * hedging >= 50.5 AND NOT tier IN ('high','severe') OR us_partner"),
    "transfers": (_transfers, b"\x06" + (FOLDER / "transfers" / "notifications.yaml").read_bytes()),
    "own_outcome": (_outcome, EVENTS.encode()),
}
