"""The guide on cases matches the engine."""

import re
from pathlib import Path

import yaml

from risk.cases.reading.case_files import PART_ROWS
from risk.cases.reading.fields import CASE_FIELD_NAMES
from risk.cases.streaming import MOST_CSV_ROWS
from risk.cases.tables.loading import load_transfer_tables
from risk.rules.loading import RULEBOOK_FOLDER
from risk.rules.rulebook_files import read_rulebook

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "how-to" / "review_transfers.md").read_text(encoding="utf-8")
FIELD_PAGE = (DOCS / "reference" / "case_fields.md").read_text(encoding="utf-8")


def test_the_case_in_the_guide_is_the_example() -> None:
    shown = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)[0])
    example = yaml.safe_load((DOCS / "examples" / "case.yaml").read_text())
    example.pop("note")
    assert shown == example


def test_every_field_and_accepted_word_is_on_the_page_of_fields() -> None:
    tables = load_transfer_tables(read_rulebook(RULEBOOK_FOLDER))
    words = [
        *CASE_FIELD_NAMES,
        *(entry.id for part in (tables.programmes, tables.end_users, tables.objectives) for entry in part),
    ]
    assert [word for word in words if f"`{word}" not in FIELD_PAGE] == []


def test_the_numbers_in_the_guide_are_the_engines() -> None:
    assert f"{PART_ROWS:,} rows" in GUIDE and f"up to {MOST_CSV_ROWS:,} rows" in GUIDE
    assert (
        load_transfer_tables(read_rulebook(RULEBOOK_FOLDER)).gap.least_words == 5 and "fewer than five words" in GUIDE
    )
