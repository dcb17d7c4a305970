"""The model card: a fixed text on use and limits, and the metrics of a back-test."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from features.partners import load_partners
from models.evaluation.reliability import measure_by_group

CARD_TEXT = Path(__file__).parent / "model_card_text.md"
FIGURES_MARKER = "<!-- figures -->"
SHOWN_FAILURES = 8
INCOME_BOUNDS = {"low": 1_500, "lower middle": 5_000, "upper middle": 15_000}
COVERAGE_BOUNDS = {"under 80%": 0.8, "80 to 95%": 0.95}
REGIME_NAMES = {0: "closed autocracy", 1: "electoral autocracy", 2: "electoral democracy", 3: "liberal democracy"}


def format_model_card(figures: pl.DataFrame, forecasts: pl.DataFrame, panel: pl.DataFrame, rated: Sequence[str]) -> str:
    """Markdown: the card's text with metrics by outcome and subset, by group of partners, and known failures.

    `figures` is from `tabulate_figures`; `panel` and `rated` give regime, income and coverage at each origin.
    """
    engine = forecasts.filter(estimator="engine", profile="snapshot")
    lines = [*_format_outcome_rows(figures), *_format_group_rows(engine, panel, rated), *_format_failure_rows(engine)]
    return CARD_TEXT.read_text(encoding="utf-8").replace(FIGURES_MARKER, "\n".join(lines))


def assign_partner_groups(panel: pl.DataFrame, rated: Sequence[str]) -> pl.DataFrame:
    """Which group each partner belonged to at each origin: iso3, origin, dimension, group."""
    regions = load_partners().select("iso3", "region")
    coverage = pl.mean_horizontal(pl.col(name).is_not_null() for name in rated)
    grouped = panel.join(regions, on="iso3", how="left").select(
        "iso3",
        "origin",
        pl.col("region"),
        pl.col("vdem_regime").cast(pl.Int64).replace_strict(REGIME_NAMES, default=None).alias("regime"),
        _assign_band(pl.col("wdi_gdp_per_head_usd"), INCOME_BOUNDS, "high").alias("income"),
        _assign_band(coverage, COVERAGE_BOUNDS, "over 95%").alias("data coverage"),
    )
    return grouped.unpivot(index=["iso3", "origin"], variable_name="dimension", value_name="group")


def _assign_band(value: pl.Expr, bounds: Mapping[str, float], highest: str) -> pl.Expr:
    band = pl.lit(highest)
    for name, upper in reversed(list(bounds.items())):
        band = pl.when(value < upper).then(pl.lit(name)).otherwise(band)
    return pl.when(value.is_not_null()).then(band)


def _format_outcome_rows(figures: pl.DataFrame) -> Iterator[str]:
    shown = ["base", "auc", "average_precision", "skill", "ece", "mean_forecast", "recall20"]
    yield "### By outcome and subset (engine)\n"
    yield from _format_table_head(
        "profile", "outcome", "subset", "rows", "events", "base rate", "AUC (95%)", "average precision", "Brier skill",
        "ECE", "mean forecast", "in the 20 highest",
    )  # fmt: skip
    engine = figures.filter(estimator="engine")
    for key, rows in engine.group_by("profile", "outcome", "subset", maintain_order=True):
        value = {row["figure"]: row for row in rows.iter_rows(named=True)}
        cells = [
            f"{value[name]['value']:.3f}"
            + (f" ({value[name]['low']:.3f} to {value[name]['high']:.3f})" if name == "auc" else "")
            for name in shown
        ]
        counts = [f"{value[name]['value']:,.0f}" for name in ("n", "events")]
        yield f"| {' | '.join([*key, *counts, *cells])} |"


def _format_group_rows(engine: pl.DataFrame, panel: pl.DataFrame, rated: Sequence[str]) -> Iterator[str]:
    yield "\n### By group: misuse, `snapshot`\n"
    yield "An alarm is a probability of half or more, for onsets of twice the base rate. Small groups are noisy.\n"
    yield from _format_table_head(
        "subset", "dimension", "group", "rows", "events", "base rate", "mean forecast", "AUC", "ECE",
        "false positives", "false negatives",
    )  # fmt: skip
    for row in measure_by_group(engine.filter(outcome="misuse"), assign_partner_groups(panel, rated)).iter_rows(
        named=True
    ):
        numbers = ["base", "mean_forecast", "auc", "ece", "false_positives", "false_negatives"]
        cells = ["–" if row[name] != row[name] else f"{row[name]:.3f}" for name in numbers]
        named = [str(row[name]) for name in ("subset", "dimension", "group")]
        yield f"| {' | '.join([*named, format(row['n'], ','), str(row['events']), *cells])} |"


def _format_failure_rows(engine: pl.DataFrame) -> Iterator[str]:
    """The onsets of misuse least expected, and the alarms at which nothing followed."""
    names = dict(load_partners().select("iso3", "name").iter_rows())
    clear = engine.filter(pl.col("outcome") == "misuse", pl.col("status") == "clear", pl.col("observed").is_not_null())
    missed = clear.filter("observed").sort("probability", "iso3", "origin").head(SHOWN_FAILURES)
    false = clear.filter(~pl.col("observed")).sort("probability", "iso3", "origin", descending=[True, False, False])
    for title, rows in (
        ("Onsets it least expected", missed),
        ("Highest forecasts after which nothing followed", false.head(SHOWN_FAILURES)),
    ):
        yield f"\n### {title}: misuse, `snapshot`, partners clear at the origin\n"
        yield from _format_table_head("partner", "origin", "probability", "interval")
        for row in rows.iter_rows(named=True):
            spread = f"{row['low']:.3f} to {row['high']:.3f}"
            yield f"| {names[row['iso3']]} | {row['origin']} | {row['probability']:.3f} | {spread} |"


def _format_table_head(*names: str) -> Iterator[str]:
    yield f"| {' | '.join(names)} |"
    yield "|---" * len(names) + "|"
