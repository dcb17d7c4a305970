"""Which clause requires notifying Congress of a case, from which value, and how many days before."""

from typing import Any

import polars as pl
import pytest

from risk.cases.congress_notice import (
    NOTICE_OUTCOMES,
    build_clause_amounts,
    build_notice_outcome,
    describe_notification,
    find_clause_codes,
    is_note_relevant,
)
from risk.cases.tables.loading import TransferTables, load_transfer_tables
from risk.rules.loading import RULEBOOK_FOLDER
from risk.rules.rulebook_files import read_rulebook

TABLES: TransferTables = load_transfer_tables(read_rulebook(RULEBOOK_FOLDER))
ITEMS = {one.id: place for place, one in enumerate(TABLES.items)}
PROGRAMMES = {one.id: place for place, one in enumerate(TABLES.programmes)}


def notified(
    programme: str,
    value: float | None,
    major: bool | None = None,
    group: bool | None = False,
    item: str = "VIIIa",
    years: float | None = 5,
) -> tuple[str, int | None, str]:
    code = find_clause_codes(TABLES)[PROGRAMMES[programme] * len(ITEMS) + ITEMS[item]]
    row = build_clause_amounts(TABLES)[code].with_columns(
        value_usd=pl.lit(value, dtype=pl.Float64),
        support_years=pl.lit(years, dtype=pl.Float64),
        major_defense_equipment=pl.lit(major, dtype=pl.Boolean),
        group=pl.lit(group, dtype=pl.Boolean),
        never_major=pl.lit(TABLES.items[ITEMS[item]].never_major),
        clause_code=pl.lit(code),
        programme=pl.lit(programme),
    )
    happened = NOTICE_OUTCOMES[row.select(build_notice_outcome()).item()]
    in_group = {True: "yes", False: "no", None: "unknown"}[group]
    return describe_notification(
        TABLES.notifications[code], happened, in_group, row.select(is_note_relevant(TABLES)).item()
    )


CASES: list[tuple[dict[str, Any], tuple[str, int | None]]] = [
    ({"programme": "fms", "value": 13_999_999, "major": True}, ("none", None)),
    ({"programme": "fms", "value": 14_000_000, "major": True}, ("AECA 36(b)(1)", 30)),
    ({"programme": "fms", "value": 14_000_000, "major": False}, ("none", None)),
    ({"programme": "fms", "value": 14_000_000, "major": None}, ("ask", None)),
    ({"programme": "fms", "value": 50_000_000, "major": None}, ("AECA 36(b)(1)", 30)),
    ({"programme": "fms", "value": 24_999_999, "major": True, "group": True}, ("none", None)),
    ({"programme": "fms", "value": 25_000_000, "major": True, "group": True}, ("AECA 36(b)(1)", 15)),
    ({"programme": "fms", "value": 99_999_999, "major": False, "group": True}, ("none", None)),
    ({"programme": "fms", "value": 100_000_000, "major": False, "group": True}, ("AECA 36(b)(1)", 15)),
    ({"programme": "fms", "value": 60_000_000, "group": None}, ("AECA 36(b)(1)", None)),
    ({"programme": "fms", "value": None}, ("ask", None)),
    ({"programme": "fms", "value": 20_000_000, "item": "IX"}, ("none", None)),
    ({"programme": "fmf", "value": 50_000_000}, ("AECA 36(b)(1)", 30)),
    ({"programme": "dcs", "value": 50_000_000}, ("AECA 36(c)(1)", 30)),
    ({"programme": "dcs", "value": 999_999, "item": "I"}, ("none", None)),
    ({"programme": "dcs", "value": 1_000_000, "item": "I"}, ("AECA 36(c)(1)", 30)),
    ({"programme": "dcs", "value": 1_000_000, "item": "I", "group": True}, ("AECA 36(c)(1)", 15)),
    ({"programme": "fms", "value": 1_000_000, "item": "I"}, ("none", None)),
    ({"programme": "dcs", "value": 900_000_000, "item": "CC"}, ("none", None)),
    ({"programme": "eda", "value": 7_000_000}, ("FAA 516(f)", 30)),
    ({"programme": "eda", "value": 1_000_000}, ("ask", None)),
    ({"programme": "lease", "value": None, "years": 1}, ("AECA 62", 30)),
    ({"programme": "loan", "value": 10, "years": 2, "group": True}, ("AECA 62", 15)),
    ({"programme": "lease", "value": 10, "years": 0.5}, ("none", None)),
    ({"programme": "lease", "value": 10, "years": None}, ("ask", None)),
    ({"programme": "section_333", "value": None}, ("10 USC 333(e)", 15)),
    ({"programme": "imet", "value": 900_000_000}, ("none", None)),
    ({"programme": "drawdown", "value": 10}, ("ask", None)),
]


@pytest.mark.parametrize(("given", "expected"), CASES, ids=[str(given) for given, _ in CASES])
def test_the_clause_and_the_days(given: dict[str, Any], expected: tuple[str, int | None]) -> None:
    clause, days, because = notified(**given)
    assert (clause, days) == expected
    assert "read as of 20" in because and "\n" not in because


def test_a_reading_that_was_not_confirmed_says_so() -> None:
    assert {one.reference.status for one in TABLES.notifications} == {"verify"}
    for programme in PROGRAMMES:
        assert "to be verified" in notified(programme, 60_000_000)[2]


def test_licences_were_read_in_excerpts_only_and_say_so() -> None:
    for item in ("I", "VIIIa"):
        assert "read in excerpts only" in notified("dcs", 60_000_000, item=item)[2]


@pytest.mark.parametrize(
    ("programme", "value", "said"),
    [
        ("fms", None, True),
        ("fms", 200_000_000, True),
        ("fms", 199_999_999, False),
        ("fmf", None, False),
        ("dcs", None, False),
    ],
)
def test_construction_is_spoken_of_only_where_its_threshold_can_matter(
    programme: str, value: float | None, said: bool
) -> None:
    assert notified(programme, value)[2].count("design and construction services alone") == int(said)


def test_a_group_that_is_not_known_is_told_with_the_lower_amount() -> None:
    assert "outside the group of 15 days, which is not known" in notified("fms", 20_000_000, group=None)[2]


def test_every_programme_and_item_has_a_clause() -> None:
    assert len(find_clause_codes(TABLES)) == len(ITEMS) * len(PROGRAMMES)
