"""The panel's contract on the real panel and on copies with one fault each."""

from collections.abc import Callable

import polars as pl
import pytest

from features.bad_input import BadInput
from features.labels import describe_features
from features.panel import PANEL_KEYS, build_panel, check_panel
from features.snapshot.compile import SOURCES, compute_table_lag
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from features.vocabulary import FIRST_ORIGIN, LATEST_ORIGIN, THEME_LABELS

Change = Callable[[pl.DataFrame], pl.DataFrame]


@pytest.fixture(scope="module")
def described() -> pl.DataFrame:
    return describe_features(CURRENT_SNAPSHOT)


def test_the_panel_has_a_row_for_each_partner_and_year_and_none_for_the_supplier(panel: pl.DataFrame) -> None:
    assert not panel.select(PANEL_KEYS).is_duplicated().any()
    assert set(panel["origin"]) == set(range(FIRST_ORIGIN, LATEST_ORIGIN + 1))
    assert panel.filter(origin=LATEST_ORIGIN).height >= 190
    assert "USA" not in panel["iso3"]
    assert panel.select(PANEL_KEYS).equals(panel.select(PANEL_KEYS).sort(PANEL_KEYS))


SPOILED: dict[str, Change] = {
    "unique": lambda panel: pl.concat([panel, panel.head(1)]),
    "0 to 1": lambda panel: panel.with_columns(sipri_us_share10=pl.lit(1.5)),
    "pts_mean_age": lambda panel: panel.with_columns(pts_mean_age=pl.lit(-1.0)),
    "origin": lambda panel: panel.with_columns(origin=pl.col("origin") + 1),
    "capital letters": lambda panel: panel.with_columns(iso3=pl.col("iso3").str.to_lowercase()),
    "vdem_corruption": lambda panel: panel.with_columns(vdem_corruption=pl.col("vdem_corruption").cast(pl.String)),
    "wdi_gdp_growth_pct": lambda panel: panel.with_columns(wdi_gdp_growth_pct=pl.lit(float("inf"))),
    "pts_mean has no value": lambda panel: panel.with_columns(pts_mean=pl.lit(None, pl.Float64)),
}


@pytest.mark.parametrize("named", SPOILED)
def test_a_breach_of_contract_is_refused_in_one_line_that_names_it(panel: pl.DataFrame, named: str) -> None:
    with pytest.raises(BadInput, match=named) as refused:
        check_panel(SPOILED[named](panel))
    assert str(refused.value).startswith("panel: ") and "\n" not in str(refused.value)


def test_the_real_panel_keeps_the_contract(panel: pl.DataFrame) -> None:
    check_panel(panel)


def test_every_feature_has_a_theme_a_label_a_unit_and_a_source_with_a_card(
    panel: pl.DataFrame, described: pl.DataFrame
) -> None:
    assert set(described["feature"]) == set(panel.columns) - set(PANEL_KEYS)
    texts = described.select("theme", "label", "unit", "source")
    assert texts.select(pl.all().str.len_chars().min()).row(0) >= (1, 1, 1, 1)
    assert set(described["theme"]) <= set(THEME_LABELS) and set(described["source"]) <= set(SOURCES)


def test_no_two_features_share_a_label_and_none_shows_a_column_name(described: pl.DataFrame) -> None:
    assert described.filter(pl.col("label").is_duplicated())["feature"].to_list() == []
    assert described.filter(pl.col("label").str.contains("_"))["feature"].to_list() == []


@pytest.mark.parametrize(
    ("feature", "label"),
    [
        ("pts_mean_d5", "change over 5 years"),
        ("pts_mean_l3", "3 years earlier"),
        ("ucdp_government_killings_since", "years since the last event"),
        ("sipri_russia_share10", "Russia or the Soviet Union over 10 years"),
        ("wgi_stability_nb", "Neighbours' average"),
    ],
)
def test_a_label_says_how_a_feature_was_derived(described: pl.DataFrame, feature: str, label: str) -> None:
    assert label in described.filter(feature=feature)["label"].item()


def test_at_the_latest_origin_the_newest_value_is_as_old_as_its_card_says(panel: pl.DataFrame) -> None:
    latest = panel.filter(origin=LATEST_ORIGIN)
    ages = {name: latest[name].min() for name in latest.columns if name.endswith("_age")}
    lags = {
        column: compute_table_lag(table)
        for source in SOURCES
        for table in CURRENT_SNAPSHOT.read_card(source).tables.values()
        if table.latest_year
        for column in table.columns
    }
    on_cards = {name: lags[name.removesuffix("_age")] for name in ages if name.removesuffix("_age") in lags}
    # The publisher's series of infant deaths ends a year before the rest of its table.
    on_cards["wdi_infant_mortality_per_1000_age"] += 1
    assert len(on_cards) > 60
    assert {name: ages[name] for name in on_cards} == on_cards


def test_an_age_stands_beside_each_value_and_only_there(panel: pl.DataFrame) -> None:
    for name in panel.columns:
        if name.endswith("_age"):
            assert panel[name].is_null().equals(panel[name.removesuffix("_age")].is_null(), check_names=False), name


def test_both_profiles_have_the_same_rows_and_columns_and_calendar_is_never_staler(panel: pl.DataFrame) -> None:
    calendar = build_panel("calendar", CURRENT_SNAPSHOT)
    assert calendar.columns == panel.columns and calendar.select(PANEL_KEYS).equals(panel.select(PANEL_KEYS))
    newer = calendar["pts_mean_age"] < panel["pts_mean_age"]
    assert newer.all() and newer.count() > 5000
