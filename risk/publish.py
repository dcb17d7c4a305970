"""The results of a run written to the output folder: tables, workbook, pages and the record of the run."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from subprocess import Popen
from typing import Any

import polars as pl

from features.bad_input import BadInput
from features.cards import RAW
from features.freshness import published_facts
from features.labels import describe
from features.plain_json import parsed
from features.vocabulary import OUTCOME_LABELS
from risk.advice import read_advice
from risk.exchange import steady
from risk.last_run import read_output
from risk.ledger.place import Place
from risk.ledger.standing import entries_on, today
from risk.outputs import staged_outputs, write_csv, write_json, write_parquet
from risk.portfolio.tables import write_portfolio
from risk.record import read_record
from risk.report.cases import cases_summary
from risk.report.given import Advice, Earlier, Given, gather
from risk.report.index import index_summary
from risk.report.page import cases_page, index_page, review_page
from risk.report.rendering import Pages, drawing
from risk.report.review_page import review_summary
from risk.report.summary import partner_summary
from risk.yearly import load_history

REVIEW = {"label": "Case review: one proposed transfer, or many", "href": "case_review.html"}
LINKS = (
    {"label": "Past cases: what was asked, what happened, the lesson", "href": "cases.html"},
    {"label": "The portfolio: where the money goes, and what else it could do", "href": "portfolio.html"},
    {"label": "Workbook of all decisions (Excel)", "href": "../decisions.xlsx"},
    {"label": "All scores (CSV)", "href": "../scores.csv"},
    {"label": "All decisions (CSV)", "href": "../decisions.csv"},
)
# What pages and the next run read of the record.
NEEDED = {"base_rates", "decided_as_of"}
DOCS = Path(__file__).resolve().parents[1] / "docs"
# Copied as plain text, which every browser opens from a folder; Markdown it may only offer to save.
TEXTS = {"method": "The method (text)", "model_card": "The model card (text)"}
TABLES = ("panel", "scores", "reasons", "decisions", "partners", "standing")
WRITTEN = (*TABLES, "recourse", "cautions", "drift")
AS_CSV = ("scores", "decisions")
# What tells one issue of scores from another.
ISSUE = ("decided_as_of", "snapshot", "models", "rulebook")
EARLIER = "earlier"


def publish(
    out: Path,
    tables: Mapping[str, pl.DataFrame],
    base_rates: Mapping[str, float],
    record: Mapping[str, Any],
    raw: Path = RAW,
    advice: Advice | None = None,
    ledger: Place | None = None,
    second: "Popen[bytes] | None" = None,
    described: pl.DataFrame | None = None,
) -> None:
    """Write everything aside and move it into `out` at once; an earlier run's outputs stay whole on any failure.

    `second` is a process that stands by to draw pages, `described` what features.labels says of features, where it was
    asked already. advice is kept beside the tables, so that pages can be written again. The tables of the last other
    issue are kept in `earlier`, so that a run repeated says again what it said.
    """
    partners = tables["partners"].height
    with staged_outputs(out) as staging, drawing(staging / "reports", partners, second) as pages:
        pages.write_workbook(staging, _workbook(tables, record))
        _keep_earlier(out, staging / EARLIER, record)
        kept = staging / EARLIER if (staging / EARLIER).is_dir() else out / EARLIER
        given = _given(
            tables, {**record, "base_rates": base_rates}, advice or Advice(), out, kept, raw, ledger, described
        )
        write_pages(staging / "reports", given, out, pages)
        for name in WRITTEN:
            write_parquet(tables[name], staging / f"{name}.parquet")
        for name in AS_CSV:
            write_csv(tables[name], staging / f"{name}.csv")
        write_json(asdict(advice or Advice()), staging / "advice.json")
        write_json(record, staging / "run.json")


def _keep_earlier(out: Path, folder: Path, record: Mapping[str, Any]) -> None:
    """Keep the issue that this run replaces, unless it is the same issue again."""
    before = _record(out)
    kept = [out / name for name in ("partners.parquet", "scores.parquet", "run.json")]
    if (
        before is None
        or not all(path.is_file() for path in kept)
        or all(before.get(name) == record.get(name) for name in ISSUE)
    ):
        return
    folder.mkdir()
    for path in kept:
        (folder / path.name).write_bytes(path.read_bytes())


def _record(folder: Path) -> dict[str, Any] | None:
    path = folder / "run.json"
    try:
        record: dict[str, Any] | None = parsed(path.read_bytes()) if path.is_file() else None
    except ValueError as error:
        raise BadInput(f"{path}: not readable as JSON ({error}); remove it and run `make score` again") from None
    if record is not None and not (isinstance(record, dict) and record.keys() >= NEEDED):
        raise BadInput(f"{path}: lacks {', '.join(sorted(NEEDED))}; remove it and run `make score` again")
    return record


def load_earlier(folder: Path) -> Earlier | None:
    """The issue of scores before this one, or none where none was kept."""
    record = _record(folder)
    if record is None:
        return None
    scores = read_output(folder / "scores.parquet").filter(outcome="misuse")
    partners = read_output(folder / "partners.parquet")
    by_partner = ({row["iso3"]: row for row in frame.to_dicts()} for frame in (partners, scores))
    return Earlier(record, *by_partner)


def load_given(out: Path, raw: Path = RAW, ledger: Place | None = None) -> Given:
    """All that summaries read, from the outputs of the last run and the entries of a ledger."""
    with steady(out):
        return _loaded(out, raw, ledger)


def _loaded(out: Path, raw: Path, ledger: Place | None) -> Given:
    record = _record(out)
    if record is None:
        raise BadInput(f"{out / 'run.json'}: not there yet; run `make score` first")
    tables = {name: read_output(out / f"{name}.parquet") for name in TABLES}
    kept = out / "advice.json"
    advice = read_advice(kept) if kept.is_file() else Advice()
    return _given(tables, record, advice, out, out / EARLIER, raw, ledger)


def _given(
    tables: Mapping[str, pl.DataFrame],
    record: Mapping[str, Any],
    advice: Advice,
    out: Path,
    earlier: Path,
    raw: Path,
    ledger: Place | None,
    described: pl.DataFrame | None = None,
) -> Given:
    labels = (describe(raw) if described is None else described).select("feature", "label", "unit", "source")
    return gather(
        tables,
        {row["iso3"]: row for row in tables["standing"].iter_rows(named=True)},
        published_facts(_day(record, out), raw),
        record["base_rates"],
        read_record(out),
        {row["feature"]: row for row in labels.iter_rows(named=True)},
        load_history(raw),
        advice,
        load_earlier(earlier),
        record,
        entries_on(ledger, today()) if ledger else None,
    )


def _day(record: Mapping[str, Any], out: Path) -> date:
    try:
        return date.fromisoformat(record["decided_as_of"])
    except (ValueError, TypeError):
        raise BadInput(f"{out / 'run.json'}: tells no day of the last run; run `make score` again") from None


def write_pages(folder: Path, given: Given, out: Path, pages: Pages) -> None:
    """Write the index, those of past cases, case review and portfolio, and the texts linked to; have `pages` draw the
    partners' pages into the same folder."""
    for iso3 in given.partners:
        pages.draw(partner_summary(iso3, given))
    texts = {f"{name}.txt": path for name in TEXTS if (path := _text(name, out)) is not None}
    links = [
        *([REVIEW] if given.advice.transfers else []),
        *LINKS,
        *({"label": TEXTS[name.removesuffix(".txt")], "href": name} for name in texts),
    ]
    (folder / "index.html").write_bytes(index_page(index_summary(given, links)).encode())
    if given.advice.transfers:
        (folder / "case_review.html").write_bytes(review_page(review_summary(given)).encode())
    (folder / "cases.html").write_bytes(cases_page(cases_summary(given)).encode())
    write_portfolio(folder, given, out)
    for name, path in texts.items():
        (folder / name).write_bytes(path.read_bytes())


def _text(name: str, out: Path) -> Path | None:
    """The card of these outputs' own back-test, or the project's document; none where it was not installed."""
    return next((path for path in (out / "backtest" / f"{name}.md", DOCS / f"{name}.md") if path.is_file()), None)


def _workbook(tables: Mapping[str, pl.DataFrame], record: Mapping[str, Any]) -> dict[str, Any]:
    """What risk.workbook.write_workbook is told: plain columns, and notes."""
    columns = {name: tables[name].to_dict(as_series=False) for name in ("decisions", "partners", "scores")}
    return {**columns, "notes": _notes(record)}


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
