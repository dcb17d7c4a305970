"""The results of a run written to the output folder: tables, workbook, pages and the record of the run."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from features.cards import RAW, read_card
from features.snapshot import SOURCES
from features.vocabulary import OUTCOME_LABELS
from risk.outputs import staged_outputs, write_csv, write_json, write_parquet, write_workbook
from risk.report.page import write_reports
from risk.report.summary import index_summary, partner_summary

LINKS = (
    {"label": "Workbook of all decisions (Excel)", "href": "../decisions.xlsx"},
    {"label": "All scores (CSV)", "href": "../scores.csv"},
    {"label": "All decisions (CSV)", "href": "../decisions.csv"},
)
TABLES = ("panel", "scores", "reasons", "decisions", "partners", "standing")
AS_CSV = ("scores", "decisions")


def publish(
    out: Path,
    tables: Mapping[str, pl.DataFrame],
    base_rates: Mapping[str, float],
    record: Mapping[str, Any],
    raw: Path = RAW,
) -> None:
    """Write everything aside and move it into `out` at once; an earlier run's outputs stay whole on any failure."""
    with staged_outputs(out) as staging:
        for name in TABLES:
            write_parquet(tables[name], staging / f"{name}.parquet")
        for name in AS_CSV:
            write_csv(tables[name], staging / f"{name}.csv")
        notes = _notes(record)
        write_workbook(staging / "decisions.xlsx", tables["decisions"], tables["partners"], tables["scores"], notes)
        write_pages(staging / "reports", tables, base_rates, past_forecasts(out), raw)
        write_json(record, staging / "run.json")


def past_forecasts(out: Path) -> pl.DataFrame | None:
    """What the last back-test said of each partner and origin beside what happened, or none where there is none."""
    path = out / "backtest" / "record.parquet"
    return pl.read_parquet(path) if path.is_file() else None


def write_pages(
    folder: Path,
    tables: Mapping[str, pl.DataFrame],
    base_rates: Mapping[str, float],
    past: pl.DataFrame | None = None,
    raw: Path = RAW,
) -> None:
    """Write the index and one page a partner from the tables of a run."""
    summaries = list(partner_summaries(tables, tables["partners"]["iso3"], base_rates, past, raw))
    index = index_summary(tables["scores"], tables["decisions"], tables["partners"], LINKS)
    write_reports(folder, summaries, index)


def partner_summaries(
    tables: Mapping[str, pl.DataFrame],
    asked: Iterable[str],
    base_rates: Mapping[str, float],
    past: pl.DataFrame | None = None,
    raw: Path = RAW,
) -> Iterator[dict[str, Any]]:
    """What is said of each partner asked for (ISO3), from the tables of a run."""
    scores, reasons, decisions, partners = (tables[name] for name in ("scores", "reasons", "decisions", "partners"))
    sources = [read_card(source, raw).model_dump(mode="json") for source in SOURCES]
    facts = {row["iso3"]: row for row in tables["standing"].iter_rows(named=True)}
    reasons_of = reasons.partition_by("iso3", as_dict=True)
    decisions_of = decisions.partition_by("iso3", as_dict=True)
    past_of = past.filter(outcome="misuse").partition_by("iso3", as_dict=True) if past is not None else {}
    for iso3 in asked:
        yield partner_summary(
            iso3,
            scores,
            reasons_of.get((iso3,), reasons.clear()),
            decisions_of.get((iso3,), decisions.clear()),
            partners,
            facts[iso3],
            sources,
            base_rates,
            past_of[(iso3,)].to_dicts() if (iso3,) in past_of else (),
        )


def _notes(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    outcomes = "; ".join(f"{name}: {label}" for name, label in OUTCOME_LABELS.items())
    return [
        (
            "What this is",
            "Forecast risk of misuse for each partner, and the plan that follows. It advises; a person decides.",
        ),
        ("Decided as of", str(record["decided_as_of"])),
        ("Outcomes", f"Each over {record['origin'] + 1} to {record['horizon_end']}. {outcomes}."),
        (
            "Probability",
            "Between 0 and 1, with a 90% interval (low, high). Empty where the partner is referred for want of data.",
        ),
        (
            "Triggers",
            "Law that binds whatever the probability. Where the status is 'verify', check the source first.",
        ),
        ("Snapshot", str(record["snapshot"])),
        ("Models", str(record["models"])),
        ("Rulebook", str(record["rulebook"])),
    ]
