"""The model card and its plots, from invented forecasts of real partners."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from models.evaluation.metrics import tabulate_figures
from models.evaluation.model_card import FIGURES_MARKER, assign_partner_groups, format_model_card
from models.evaluation.plots import draw_feature_weights, draw_precision_recall, draw_reliability

PARTNERS = ("EGY", "SDN", "SWE", "FRA", "COL", "IND")


@pytest.fixture(scope="module")
def forecasts() -> pl.DataFrame:
    """Invented: six partners, twenty origins, an engine better than chance."""
    generator = np.random.default_rng(0)
    keys = [(iso3, origin) for iso3 in PARTNERS for origin in range(2000, 2020)]
    chance = generator.uniform(0.05, 0.95, len(keys))
    observed = generator.random(len(keys)) < chance
    return pl.DataFrame(keys, schema=["iso3", "origin"], orient="row").with_columns(
        outcome=pl.lit("misuse"),
        estimator=pl.lit("engine"),
        profile=pl.lit("snapshot"),
        probability=chance,
        low=chance * 0.9,
        high=chance * 0.9 + 0.1,
        observed=observed,
        status=pl.Series(["clear", "ongoing"] * (len(keys) // 2)),
        onset_probability=chance,
        ongoing_probability=chance,
    )


def test_the_card_holds_its_words_every_group_and_the_onsets_least_expected(
    forecasts: pl.DataFrame, panel: pl.DataFrame
) -> None:
    card = format_model_card(tabulate_figures(forecasts, draws=20), forecasts, panel, ["pts_mean", "vdem_polyarchy"])
    assert FIGURES_MARKER not in card and "## Not for" in card
    for dimension in ("region", "regime", "income", "data coverage"):
        assert f"| {dimension} |" in card
    missed = forecasts.filter("observed", pl.col("status") == "clear").sort("probability").row(0, named=True)
    names = {"EGY": "Egypt", "SDN": "Sudan", "SWE": "Sweden", "FRA": "France", "COL": "Colombia", "IND": "India"}
    assert f"| {names[missed['iso3']]} | {missed['origin']} | {missed['probability']:.3f} |" in card


def test_each_partner_stands_in_one_group_of_a_dimension_at_an_origin(panel: pl.DataFrame) -> None:
    groups = assign_partner_groups(panel, ["pts_mean", "vdem_polyarchy", "wdi_population"])
    assert not groups.select("iso3", "origin", "dimension").is_duplicated().any()
    sweden = groups.filter(iso3="SWE", origin=2015)
    assert dict(sweden.select("dimension", "group").iter_rows()) == {
        "region": "Europe & Central Asia",
        "regime": "liberal democracy",
        "income": "high",
        "data coverage": "over 95%",
    }


def test_the_pictures_are_the_same_bytes_twice(forecasts: pl.DataFrame, tmp_path: Path) -> None:
    reasons = pl.DataFrame({"feature": ["a", "b", "a"], "contribution_logodds": [0.5, -0.2, -0.4]})
    for draw, given in (
        (draw_reliability, forecasts),
        (draw_precision_recall, forecasts),
        (draw_feature_weights, reasons),
    ):
        once, again = tmp_path / "once.png", tmp_path / "again.png"
        draw(given, once)
        draw(given, again)
        assert once.read_bytes() == again.read_bytes() and once.read_bytes().startswith(b"\x89PNG")
