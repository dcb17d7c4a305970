"""Readers of files from colleagues and partners: cases, requests, rulebooks, conditions, tables, own outcomes."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from bench.rule_interpreter import compile_condition
from features.bad_input import BadInput
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from models.evaluation.own_outcome import read_outcome
from risk.cases.reading.case_files import read_parts, read_yaml_cases
from risk.cases.reading.fields import check_case_fields, list_accepted_keys
from risk.cases.tables.loading import TABLE_FILES, load_transfer_tables
from risk.portfolio.what_if.request import KnownNames, read_what_if_request
from risk.rules.conditions import build_condition
from risk.rules.loading import RULE_FILES, load_rulebook, read_rules
from risk.rules.rulebook_files import read_rulebook
from tests.risk.rules.rulebook_example import INPUT_SCHEMA, RULEBOOK_FOLDER

Reader = Callable[[bytes, Path], object]
EXAMPLE_FOLDER = Path(__file__).resolve().parents[2] / "docs" / "examples"
ACCEPTED_KEYS = list_accepted_keys(
    load_transfer_tables(read_rulebook(RULEBOOK_FOLDER)), ["EGY", "MLI", "NOR", "SAU", "UKR"]
)
REQUEST_NAMES = KnownNames(
    {iso3: iso3 for iso3 in ("AFG", "EGY", "ISR", "UKR")},
    {
        "region": ["East Asia & Pacific", "Europe & Central Asia", "Sub-Saharan Africa"],
        "tier": ["low", "severe"],
        "posture": ["be_wary", "invest"],
    },
)
SMALL_FILES = ("tiers", "postures", "measures", "repealed")
INVENTED_EVENTS = "iso3,year,event\n" + "".join(
    f"{iso3},{year},{int(iso3 == 'EGY')}\n" for iso3 in ("EGY", "ISR") for year in range(1980, 2005)
)
INVENTED_REDLINE = """- id: invented_redline
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


def _write_file(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _build_case_reader(ending: str) -> Reader:
    def read_case_file(content: bytes, folder: Path) -> object:
        path = _write_file(folder / f"invented{ending}", content)
        if ending == ".yaml":
            return read_yaml_cases(path, ACCEPTED_KEYS)
        return [(part.faults, check_case_fields(part.rows, ACCEPTED_KEYS)) for part in read_parts(path)]

    return read_case_file


def _read_portfolio_request(content: bytes, folder: Path) -> object:
    return read_what_if_request(_write_file(folder / "request.yaml", content), REQUEST_NAMES)


def _read_rule_file(content: bytes, folder: Path) -> object:
    """The first byte selects the rule file."""
    stems = list(RULE_FILES)
    for stem in stems:
        _write_file(folder / f"{stem}.yaml", b"[]")
    _write_file(folder / f"{stems[content[0] % len(stems) if content else 0]}.yaml", content[1:])
    return read_rules(folder)


def _load_rulebook(content: bytes, folder: Path) -> object:
    """A rulebook with other redlines; the other rules are left out for speed."""
    book = folder / "book"
    for stem in (*RULE_FILES, "precedents"):
        _write_file(book / f"{stem}.yaml", b"[]")
    for stem in SMALL_FILES:
        shutil.copyfile(RULEBOOK_FOLDER / f"{stem}.yaml", book / f"{stem}.yaml")
    shutil.copytree(RULEBOOK_FOLDER / "designations", book / "designations")
    _write_file(book / "redlines.yaml", content)
    return load_rulebook(book, INPUT_SCHEMA)


def _load_patterns(content: bytes, folder: Path) -> object:
    """The first byte selects the file, whose patterns are tried on texts."""
    book = folder / "book"
    for stem in (*RULE_FILES, "precedents"):
        _write_file(book / f"{stem}.yaml", b"[]")
    for stem in SMALL_FILES:
        shutil.copyfile(RULEBOOK_FOLDER / f"{stem}.yaml", book / f"{stem}.yaml")
    (book / "designations").mkdir()
    _write_file(book / "redlines.yaml", INVENTED_REDLINE.encode())
    _write_file(book / f"{SMALL_FILES[content[0] % len(SMALL_FILES) if content else 0]}.yaml", content[1:])
    return load_rulebook(book, INPUT_SCHEMA)


def _parse_rule_condition(content: bytes, folder: Path) -> object:
    """A condition raises a ValueError of one line, to which the rulebook adds file and line."""
    text = content.decode(errors="replace")
    try:
        return build_condition(text, INPUT_SCHEMA), compile_condition(text, INPUT_SCHEMA)
    except ValueError as error:
        raise BadInput(str(error)) from None


def _read_transfer_tables(content: bytes, folder: Path) -> object:
    """The first byte selects the transfer table."""
    stems = list(TABLE_FILES)
    shutil.copytree(RULEBOOK_FOLDER / "transfers", folder / "transfers")
    _write_file(folder / "transfers" / f"{stems[content[0] % len(stems) if content else 0]}.yaml", content[1:])
    return load_transfer_tables(read_rulebook(folder))


def _read_own_outcome(content: bytes, folder: Path) -> object:
    return read_outcome(_write_file(folder / "invented.csv", content), "calendar", 2, snapshot=CURRENT_SNAPSHOT)


def _build_parquet_cases() -> bytes:
    table = pl.read_csv(EXAMPLE_FOLDER / "cases.csv", infer_schema=False).to_arrow()
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


READERS: dict[str, tuple[Reader, bytes]] = {
    "cases_yaml": (_build_case_reader(".yaml"), (EXAMPLE_FOLDER / "case.yaml").read_bytes()),
    "cases_csv": (_build_case_reader(".csv"), (EXAMPLE_FOLDER / "cases.csv").read_bytes()),
    "cases_parquet": (_build_case_reader(".parquet"), _build_parquet_cases()),
    "request": (_read_portfolio_request, (EXAMPLE_FOLDER / "what_if.yaml").read_bytes()),
    "rules": (_read_rule_file, bytes([list(RULE_FILES).index("redlines")]) + INVENTED_REDLINE.encode()),
    "rulebook": (_load_rulebook, INVENTED_REDLINE.encode()),
    "patterns": (_load_patterns, b"\x02" + (RULEBOOK_FOLDER / "measures.yaml").read_bytes()),
    "condition": (
        _parse_rule_condition,
        b"leverage + 2 * hedging >= 50.5 AND NOT tier IN ('high','severe') OR us_partner",
    ),
    "transfers": (_read_transfer_tables, b"\x06" + (RULEBOOK_FOLDER / "transfers" / "notifications.yaml").read_bytes()),
    "own_outcome": (_read_own_outcome, INVENTED_EVENTS.encode()),
}
