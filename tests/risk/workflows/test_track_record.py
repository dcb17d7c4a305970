"""Past issues beside what happened: real events from the snapshot, forecasts invented or of the back-test."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from features.snapshot.snapshot import CURRENT_SNAPSHOT
from features.vocabulary import OUTCOMES
from risk.cli.output.track_record import show_track_record
from risk.ledger.line import LedgerLine
from risk.outputs.backtest_record import RECORD_SCHEMA, SHIPPED_RECORD, read_backtest_record
from risk.workflows.track_record import ReleaseScore, find_last_known_year, measure_past_releases, score_backtest_record
from tests.risk.ledger.test_entries import told

TIERS = ((0.6, "severe"), (0.35, "high"), (0.2, "elevated"), (0.08, "guarded"), (0.0, "low"))


def issued(origin: int, record: pl.DataFrame) -> list[LedgerLine]:
    """An issue made of what the back-test said at an origin, in invented tiers."""
    rows = record.filter(origin=origin)
    made: list[Any] = [("issue", {"origin": origin, "horizon_end": origin + 2})]
    for (iso3,), group in rows.group_by("iso3", maintain_order=True):
        outcomes = {row["outcome"]: {"probability": row["probability"], "tier": tier(row)} for row in group.to_dicts()}
        made.append(("figures", {"issue": 1, "iso3": iso3, "outcomes": outcomes}))
    return told(*((str(date(origin + 1, 1, 1)), entry) for entry in made))


def tier(row: dict[str, Any]) -> str:
    share = row["probability"]
    return "referred" if share is None else next(name for start, name in TIERS if share >= start)


@pytest.fixture(scope="module")
def record() -> pl.DataFrame:
    return pl.read_csv(SHIPPED_RECORD, schema=RECORD_SCHEMA)


@pytest.fixture(scope="module")
def of_2015(record: pl.DataFrame) -> dict[str, ReleaseScore]:
    return {one.outcome: one for one in measure_past_releases(issued(2015, record), snapshot=CURRENT_SNAPSHOT)}


def test_a_horizon_wholly_on_record_is_scored_as_the_back_test_scores_it(
    of_2015: dict[str, ReleaseScore], record: pl.DataFrame
) -> None:
    assert set(of_2015) == set(OUTCOMES)
    for outcome, one in of_2015.items():
        rows = record.filter(origin=2015, outcome=outcome).drop_nulls(["observed", "probability"])
        gap = rows["probability"] - rows["observed"].cast(pl.Float64)
        assert one.figures is not None and one.figures["n"] == rows.height > 100
        assert one.figures["brier"] == pytest.approx((gap**2).mean())
        assert one.events_so_far == rows["observed"].sum()
    misuse = of_2015["misuse"].figures
    assert misuse is not None and misuse["auc"] is not None and 0.8 < misuse["auc"] <= 1


def test_events_by_tier_add_up_and_come_more_often_in_higher_tiers(of_2015: dict[str, ReleaseScore]) -> None:
    misuse = of_2015["misuse"]
    assert misuse.figures is not None
    assert sum(tier.partners for tier in misuse.tiers) == misuse.figures["n"]
    assert sum(tier.events for tier in misuse.tiers) == misuse.events_so_far
    shares = [tier.events / tier.partners for tier in misuse.tiers]
    assert [tier.tier for tier in misuse.tiers] == [name for _, name in TIERS]
    assert shares == sorted(shares, reverse=True) and shares[0] > 0.6 > 0.1 > shares[-1]


def test_a_horizon_on_record_in_part_counts_events_but_is_not_scored(record: pl.DataFrame) -> None:
    rows = record.filter(origin=2015).with_columns(origin=pl.lit(2022))
    one = next(
        one for one in measure_past_releases(issued(2022, rows), snapshot=CURRENT_SNAPSHOT) if one.outcome == "misuse"
    )
    assert (
        find_last_known_year("misuse", snapshot=CURRENT_SNAPSHOT) == 2023
        and one.on_record_to == 2023
        and one.years == (2023, 2024)
    )
    assert one.figures is None and one.events_so_far > 20 and one.unknown > 50
    assert sum(tier.partners for tier in one.tiers) == rows.filter(outcome="misuse")["probability"].count()


def test_a_partner_whose_outcome_is_unknown_stays_unknown(record: pl.DataFrame) -> None:
    rows = record.filter(origin=2015, outcome="state_terror").with_columns(probability=pl.lit(0.5))
    rows = rows.with_columns(iso3=pl.col("iso3").replace({"AFG": "XX1", "EGY": "XX2"}))
    one = next(
        one
        for one in measure_past_releases(issued(2015, rows), snapshot=CURRENT_SNAPSHOT)
        if one.outcome == "state_terror"
    )
    assert one.figures is not None
    assert one.unknown == 2 and one.figures["n"] == rows.height - 2
    assert one.figures["auc"] == 0.5


def test_the_back_test_stands_beside_it(record: pl.DataFrame) -> None:
    figures = score_backtest_record(record)["misuse"]
    assert figures["auc"] is not None and figures["brier"] is not None
    assert 0.85 < figures["auc"] < 1 and 0 < figures["brier"] < 0.15


def test_what_cannot_be_measured_yet_says_from_when(
    record: pl.DataFrame, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    show_track_record([], tmp_path, snapshot=CURRENT_SNAPSHOT)
    assert capsys.readouterr().out == "The ledger holds no score release yet.\n"
    show_track_record(
        issued(2025, record.filter(origin=2015).with_columns(origin=pl.lit(2025))), tmp_path, snapshot=CURRENT_SNAPSHOT
    )
    said = capsys.readouterr().out
    assert "Too early to score" in said and "misuse            2026 to 2027  to 2023    2026" in said
    show_track_record(issued(2015, record), tmp_path, snapshot=CURRENT_SNAPSHOT)
    said = capsys.readouterr().out
    assert "back-test Brier" in said and "By tier" in said and "Too early to score" not in said
    assert read_backtest_record(tmp_path).height == record.height
