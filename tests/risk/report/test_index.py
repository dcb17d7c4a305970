"""The index lists every partner, riskiest first, maps all of them, and says what changed since the last release."""

import polars as pl
import pytest

from features.partners import load_partners
from risk.report.inputs import EarlierRelease
from risk.report.site.index import WORLD_LAYOUT, build_world_map, parse_map_layout, summarize_index
from tests.risk.invented_outputs import (
    INVENTED_LINKS,
    INVENTED_PARTNERS,
    build_invented_history,
    build_invented_inputs,
    build_partner_row,
    build_score_row,
)


def test_the_index_lists_every_partner_riskiest_first_and_referred_last() -> None:
    index = summarize_index(build_invented_inputs(), INVENTED_LINKS)
    assert [row["iso3"] for row in index["rows"]] == ["ALD", "BRE", "CIM"]
    assert index["rows"][0] == {
        "iso3": "ALD",
        "partner": "Aldova",
        "region": "Invented Sea",
        "tier": "elevated",
        "rank": 1,
        "share": 0.3142,
        "probability": "31%",
        "interval": "22% to 42%",
        "posture": "Condition",
        "leverage": 72,
        "strategic_value": 67,
        "triggers": ["Child soldiers list"],
        "mark": None,
    }
    counts = {item["tier"]: item["count"] for item in index["tiers"]}
    assert counts == {"severe": 0, "high": 0, "elevated": 1, "guarded": 0, "low": 1, "referred": 1}


def test_the_layout_has_each_present_state_once_and_no_other() -> None:
    squares = parse_map_layout(WORLD_LAYOUT.read_text(encoding="utf-8"))
    codes = [code for code, _, _ in squares]
    present = load_partners().filter(pl.col("last_year").is_null())["iso3"].to_list()
    assert sorted(codes) == sorted(present)
    assert len({(row, column) for _, row, column in squares}) == len(squares)


def test_a_partner_that_the_layout_lacks_is_named_and_not_left_out() -> None:
    rows = summarize_index(build_invented_inputs(), INVENTED_LINKS)["rows"]
    assert [row["iso3"] for row in build_world_map(rows)["missing"]] == list(INVENTED_PARTNERS)
    egypt = rows[0] | {"iso3": "EGY", "partner": "Egypt"}
    drawn = build_world_map([egypt])
    assert drawn["missing"] == [] and drawn["tiles"][0]["told"] == "Egypt: elevated, 31%"


def test_regions_count_tiers_and_sum_five_fiscal_years_of_assistance() -> None:
    regions = summarize_index(build_invented_inputs(history=build_invented_history()), INVENTED_LINKS)["regions"]
    assert regions["years"] == "FY2021 to FY2025"
    assert regions["rows"] == [
        {
            "region": "Invented Sea",
            "partners": 3,
            "tiers": [0, 0, 1, 0, 1, 1],
            "assistance": "$900,000",
            "to_risky": "0",
        }
    ]
    assert summarize_index(build_invented_inputs(), INVENTED_LINKS)["regions"]["rows"][0]["assistance"] is None


def test_without_an_earlier_issue_what_changed_is_not_known() -> None:
    changes = summarize_index(build_invented_inputs(), INVENTED_LINKS)["changes"]
    assert changes["rows"] == [] and "not known" in changes["told"]


@pytest.mark.parametrize(
    ("before", "share", "expected"),
    [
        (build_partner_row(), 0.3142, None),
        (build_partner_row(), 0.28, None),
        (build_partner_row(), 0.2, "20% to 31%"),
        (build_partner_row(tier="guarded"), 0.3, "tier guarded to elevated; 30% to 31%"),
        (
            build_partner_row(triggers="coup_restriction"),
            0.31,
            "trigger now binds: Child soldiers list; trigger no longer",
        ),
        (build_partner_row(tier="referred"), None, "tier referred to elevated; no figure to 31%"),
    ],
)
def test_a_change_of_tier_triggers_or_five_points_is_told(
    before: dict[str, object], share: float | None, expected: str | None
) -> None:
    earlier = EarlierRelease(
        {"decided_as_of": "2025-06-30", "rulebook": "old"}, {"ALD": before}, {"ALD": build_score_row(probability=share)}
    )
    changes = summarize_index(
        build_invented_inputs(earlier_release=earlier, manifest={"rulebook": "new"}), INVENTED_LINKS
    )["changes"]
    assert [row["told"].startswith(expected or "") for row in changes["rows"]] == ([True] if expected else [])
    assert "decided as of 2025-06-30" in changes["told"] and "What differs: rulebook." in changes["told"]
