"""Plain labels for every feature of the panel: theme, label, unit and the measure whose age applies to it."""

import re

import polars as pl

from features.panel import find_feature_themes
from features.snapshot.cards import CardMeasure
from features.snapshot.compile import SOURCES
from features.snapshot.own_sources import list_own_cards
from features.snapshot.snapshot import Snapshot

COMPUTED_MEASURES = {
    "pts_gap": CardMeasure(
        label="Political terror, how far the State Department's and Amnesty's codings lie apart",
        unit="points of the scale",
        floor=0,
        ceiling=4,
    ),
    "pts_mean": CardMeasure(
        label="Political terror, mean of the State Department and Amnesty codings",
        unit="scale 1-5, higher is worse",
        floor=1,
        ceiling=5,
    ),
}
SUFFIX_LABELS = {
    r"_d(\d+)": "change over {} years",
    r"_l(\d+)": "{} years earlier",
    r"_sd(\d+)": "volatility over {} years",
    r"_sum(\d+)": "total over {} years",
    r"_mean(\d+)": "mean over {} years",
    r"_med(\d+)": "median of {} years",
    r"_max(\d+)": "highest in {} years",
    r"_min(\d+)": "lowest in {} years",
    r"_drop(\d+)": "below the highest of {} years",
    r"_fall(\d+)": "share lost since the highest of {} years",
    r"_ewm(\d+)": "smoothed, half-life {} years",
    r"_logewm(\d+)": "logarithm, smoothed, half-life {} years",
    r"_g(\d+)": "relative change over {} years",
    r"_held": "years unchanged",
    r"_rel": "relative to the world's mean",
    r"_since": "years since the last event",
    r"_age": "age of the value",
}
SUFFIX_UNITS = {r"_(since|age|held)": "years", r"_(g|fall)\d+|_rel": "ratio", r"_logewm\d+": "log of 1 + {}"}
SUPPLIER_GROUP_LABELS = {
    "us": "the United States",
    "russia": "Russia or the Soviet Union",
    "china": "China",
    "europe": "Europe",
}


def describe_features(snapshot: Snapshot) -> pl.DataFrame:
    """One row a feature: feature, theme, label, unit, measure, source; sorted by feature."""
    measures, source_of = _list_measures(snapshot)
    themes = find_feature_themes(snapshot)
    rows = [_build_label_row(feature, theme, measures, source_of) for feature, theme in sorted(themes.items())]
    return pl.DataFrame(rows, schema=["feature", "theme", "label", "unit", "measure", "source"], orient="row")


def _list_measures(snapshot: Snapshot) -> tuple[dict[str, CardMeasure], dict[str, str]]:
    measures, source_of = dict(COMPUTED_MEASURES), dict.fromkeys(COMPUTED_MEASURES, "pts")
    for card in [*(snapshot.read_card(source) for source in SOURCES), *list_own_cards(snapshot.folder)]:
        for table in card.tables.values():
            measures |= table.columns
            source_of |= dict.fromkeys(table.columns, card.source)
    return measures, source_of


def _build_label_row(
    feature: str, theme: str, measures: dict[str, CardMeasure], source_of: dict[str, str]
) -> tuple[str, ...]:
    name, prefix = (feature.removesuffix("_nb"), "neighbours' average: ") if feature.endswith("_nb") else (feature, "")
    if share := re.fullmatch(r"sipri_(\w+)_share(\d+)", name):
        label = f"Share of arms deliveries from {SUPPLIER_GROUP_LABELS[share[1]]} over {share[2]} years"
        return feature, theme, label, "share 0-1", "sipri_total_tiv", "sipri"
    measure = max((known for known in measures if name == known or name.startswith(f"{known}_")), key=len)
    suffix_label = _describe_suffix(name.removeprefix(measure))
    card_measure = measures[measure]
    label = prefix + (card_measure.label if not suffix_label else f"{card_measure.label}, {suffix_label}")
    unit = _format_unit(name.removeprefix(measure), card_measure.unit)
    return feature, theme, label[0].upper() + label[1:], unit, measure, source_of[measure]


def _describe_suffix(suffix: str) -> str:
    for pattern, words in SUFFIX_LABELS.items():
        if match := re.fullmatch(pattern, suffix):
            text = words.format(*match.groups())
            return re.sub(r"\b1 years", "1 year", text)
    return ""


def _format_unit(suffix: str, unit: str) -> str:
    for pattern, words in SUFFIX_UNITS.items():
        if re.fullmatch(pattern, suffix):
            return words.format(unit)
    return unit
