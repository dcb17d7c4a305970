"""docs/reference/outputs.md: every file that commands write, and the meaning of each column."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl
from markdown_parts import join_lines, make_table, open_page

from features.labels import SUFFIX_LABELS, describe_features
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from risk.cases import columns as cases
from risk.outputs import columns as run
from risk.portfolio import columns as portfolio
from risk.replay import columns as replay

LEAD = (
    "What `risk score` and the other commands write into `out/`, or the folder given with `--out`. "
    "Each table is described by what one row is and by its columns; [measures](measures.md) lists those of the panel, "
    "and [other outputs](other_outputs.md) the tables of portfolio, cases and replay."
)
OTHER_LEAD = (
    "The tables of [the portfolio](../how-to/portfolio.md), of [case review](../how-to/review_transfers.md) and of "
    "[the replay](../explanation/replay.md). [Outputs](outputs.md) has all other files."
)
MEASURES_LEAD = (
    "What `out/panel.parquet` and `out/standing.parquet` hold of each source, and what is derived from it. TIV is "
    "SIPRI's trend-indicator value. In endings `N` is a number of years; "
    "[the method](../explanation/method.md#features) also describes shares of arms deliveries (`_shareN`) and averages "
    "over neighbors (`_nb`)."
)
DIGITS = r"(\d+)"
OTHER_FILES = (
    ("`out/reports/index.html`", "all partners: map, table to sort and filter, what changed, how fresh the data are"),
    ("`out/reports/<ISO3>.html`", "one partner; `.pdf` and `.docx` by `risk report ISO3 --format pdf` or `docx`"),
    ("`out/reports/portfolio.html`", "the portfolio"),
    ("`out/reports/case_review.html`, `cases.html`", "how cases are reviewed; past cases"),
    ("`out/reports/method.txt`, `model_card.txt`", "the method and the model card as text"),
    ("`out/decisions.xlsx`", "workbook: notes, partners, decisions, scores"),
    ("`out/run.json`", "origin, horizon, day decided for, checksums, versions, seconds a step"),
    ("`out/advice.json`, `out/earlier/`", "what pages say beyond the tables; the issue of scores before this one"),
    ("`out/cases/<file>/<id>.html`", "a memo a case, where the file is YAML; `summary.json` counts the rows"),
    ("`out/portfolio/what_if.html`", "the answer to the last what-if request"),
    ("`out/backtest/`", "forecasts, figures, record and model card of the last back-test"),
    ("`out/data_diff/`", "what another snapshot would change"),
    ("`out/models/`, `out/mlflow.db`, `out/mlflow/`", "saved models; MLflow's records and artifacts"),
)


def write_outputs() -> str:
    """Files for reading, and the tables of a run."""
    lines = [*open_page("Outputs", LEAD), "## Files for reading", "", *make_table(("file", "holds"), OTHER_FILES)]
    return join_lines([*lines, "## Tables of a run", "", *_describe_all(run.TABLES)])


def write_other_outputs() -> str:
    """The tables of portfolio, case review and replay."""
    lines = [*open_page("Outputs of portfolio, cases and replay", OTHER_LEAD), "## Portfolio", ""]
    lines += [*_describe_all(portfolio.TABLES.values()), "## Case review", ""]
    lines += [*_describe_all((cases.RESULTS, cases.REJECTS)), "## Replay", ""]
    lines += _describe_all((replay.NOTIFICATIONS, replay.RULES))
    return join_lines([*lines, f"{replay.NAMED.files}: {replay.NAMED.row}; columns as in {cases.RESULTS.files}."])


def write_measures() -> str:
    """The measures of the panel, and what is derived from them."""
    own = describe_features(CURRENT_SNAPSHOT).filter(pl.col("feature") == pl.col("measure")).sort("feature")
    rows = [(f"`{one['feature']}`", one["label"], one["unit"], f"`{one['source']}`") for one in own.to_dicts()]
    endings = [(f"`{ending.replace(DIGITS, 'N')}`", words.format("N")) for ending, words in SUFFIX_LABELS.items()]
    lines = [*open_page("Measures of the panel", MEASURES_LEAD), "## Measures", ""]
    lines += make_table(("measure", "meaning", "unit", "source"), rows)
    return join_lines([*lines, "## Endings", "", *make_table(("ending", "meaning"), endings)])


def _describe_all(tables: Iterable[run.OutputTable]) -> list[str]:
    return [line for table in tables for line in _describe(table)]


def _describe(table: run.OutputTable) -> list[str]:
    name = Path(table.files.split("`")[1]).name
    rows = ((f"`{column}`", meaning) for column, meaning in table.columns.items())
    return [f"### {name}", "", f"{table.files}. One row is {table.row}.", "", *make_table(("column", "meaning"), rows)]
