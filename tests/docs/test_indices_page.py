"""The figures of docs/explanation/indices.md, computed again: the page cannot say what does not come out."""

import re
from pathlib import Path

import polars as pl
import pytest

from features.indices.index_inputs import build_index_inputs
from features.partners import load_partners
from features.snapshot.freshness import read_snapshot_day
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from features.vocabulary import LATEST_ORIGIN, OUTCOMES
from risk.assessment.rule_inputs import build_rule_inputs, load_designations_on
from risk.assessment.tiers import find_posture_matrix
from risk.rules.loading import RULEBOOK_FOLDER as RULEBOOK
from risk.rules.rulebook import PostureMatrix
from risk.rules.rulebook_files import read_rulebook
from tests.conftest import FinishedRun
from tests.risk.rules.rulebook_example import load_project_rulebook

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "explanation" / "indices.md").read_text(encoding="utf-8")
INDICES = ("leverage", "hedging", "strategic_value")
EXPECTED, FOUND = (
    {
        cells[0]: cells[1:]
        for line in part.splitlines()
        if len(cells := [cell.strip() for cell in line.strip("|").split("|")]) == 6
        and re.fullmatch("[A-Z]{3}", cells[0])
    }
    for part in PAGE.split("## What came out")
)


@pytest.fixture(scope="module")
def cuts() -> PostureMatrix:
    return find_posture_matrix(load_project_rulebook(), read_snapshot_day(CURRENT_SNAPSHOT))


@pytest.fixture(scope="module")
def rule_inputs(panel: pl.DataFrame) -> pl.DataFrame:
    """The rule inputs of every partner, with unknown forecasts, which the indices do not read."""
    partners = load_partners().select("iso3", "region", partner="name")
    unknown = partners.with_columns(
        origin=pl.lit(LATEST_ORIGIN, pl.Int64), coverage=0.0, probability=None, low=None, high=None, rank=None
    ).with_columns(status=pl.lit("unknown"), tier=pl.lit("referred"))
    scores = unknown.join(pl.DataFrame({"outcome": OUTCOMES}), how="cross")
    listed = load_designations_on(read_rulebook(RULEBOOK), read_snapshot_day(CURRENT_SNAPSHOT))
    indexed = build_index_inputs("snapshot", CURRENT_SNAPSHOT)
    return build_rule_inputs(scores, panel.filter(origin=LATEST_ORIGIN), listed, indexed)


def words(figures: tuple[float, ...], cuts: PostureMatrix) -> list[str]:
    leverage, hedging, value = figures
    high, low = leverage >= cuts.leverage_high_from, leverage < cuts.leverage_low_below
    heavy, little = hedging >= cuts.hedging_heavy_from, hedging < cuts.hedging_heavy_from / 2
    return [
        "high" if high else "low" if low else "middling",
        "heavy" if heavy else "little" if little else "some",
        "high" if value >= cuts.valued_from else "low",
    ]


def test_the_page_tries_25_partners_and_both_tables_name_the_same() -> None:
    assert len(EXPECTED) == 25 and list(EXPECTED) == list(FOUND)


@pytest.mark.parametrize("iso3", FOUND)
def test_the_figures_and_words_are_those_of_the_snapshot(
    iso3: str, rule_inputs: pl.DataFrame, cuts: PostureMatrix
) -> None:
    figures = rule_inputs.filter(iso3=iso3).select(INDICES).row(0)
    computed = [f"{figure:.1f} {word}" for figure, word in zip(figures, words(figures, cuts), strict=True)]
    assert FOUND[iso3][:3] == computed


@pytest.mark.parametrize("iso3", FOUND)
def test_a_line_says_where_it_differs_from_what_was_expected_and_only_then(iso3: str) -> None:
    found = [cell.rpartition(" ")[2] for cell in FOUND[iso3][:4]]
    assert bool(FOUND[iso3][4]) == (found != EXPECTED[iso3][:4])


def test_the_postures_are_those_of_a_run(finished_run: FinishedRun) -> None:
    computed = dict(finished_run.result.partners.select("iso3", "posture").iter_rows())
    assert {iso3: cells[3] for iso3, cells in FOUND.items()} == {iso3: computed[iso3] for iso3 in FOUND}


def test_partners_on_a_cut_are_named(rule_inputs: pl.DataFrame, cuts: PostureMatrix) -> None:
    scored = rule_inputs.sort("iso3")
    for label, column, cut in (
        ("value", "strategic_value", cuts.valued_from),
        ("leverage", "leverage", cuts.leverage_high_from),
        ("leverage", "leverage", cuts.leverage_low_below),
        ("hedging", "hedging", cuts.hedging_heavy_from),
    ):
        near = scored.filter((pl.col(column) - cut).abs() <= 2)["iso3"]
        assert f"| {label} {cut:g} | {', '.join(near)} |" in PAGE
