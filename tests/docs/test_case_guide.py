"""The guide on cases says what the engine does."""

import re
from pathlib import Path

import yaml

from risk.cases.reading.fields import FIELDS
from risk.cases.reading.files import PART
from risk.cases.streaming import MOST_IN_CSV
from risk.cases.tables.loading import read_tables
from risk.rules.files import read_rulebook
from risk.rules.loading import RULEBOOK

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "cases.md").read_text(encoding="utf-8")


def test_the_case_in_the_guide_is_the_example() -> None:
    shown = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)[0])
    example = yaml.safe_load((DOCS / "examples" / "case.yaml").read_text())
    example.pop("note")
    assert shown == example


def test_every_field_and_accepted_word_is_in_the_guide() -> None:
    tables = read_tables(read_rulebook(RULEBOOK))
    words = [*FIELDS, *(one.id for part in (tables.programmes, tables.end_users, tables.objectives) for one in part)]
    assert [word for word in words if f"`{word}" not in GUIDE] == []


def test_the_numbers_in_the_guide_are_the_engines() -> None:
    assert f"{PART:,} rows" in GUIDE and f"up to {MOST_IN_CSV:,} rows" in GUIDE
    assert read_tables(read_rulebook(RULEBOOK)).gap.least_words == 5 and "fewer than five words" in GUIDE
