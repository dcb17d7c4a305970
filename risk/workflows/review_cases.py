"""Cases of a file reviewed against the last run, with results, rejects, summary and memos in a folder of their own."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from features.bad_input import BadInput
from models.parallel.cluster import Link
from risk.cases.reading.fields import FAULTS, FLAGS, checked
from risk.cases.reading.files import YAML, Part, part_files, read_many, read_parts, read_yaml
from risk.cases.review import Desk, prepare
from risk.cases.streaming import RESULTS, Tally, one_after_another, review_parts
from risk.cases.tables.loading import Tables, read_tables
from risk.outputs.atomic_swap import steady
from risk.outputs.last_run import last_run_record, last_standing, last_table, run_day
from risk.outputs.run_manifest import RunRecord
from risk.outputs.table_rows import type_rows
from risk.outputs.writing import staged_outputs, write_json
from risk.rules.files import read_rulebook
from risk.rules.loading import RULEBOOK, validate_rulebook

if TYPE_CHECKING:
    from risk.report.inputs import Given

FOLDER = "cases"
NO_MEMOS = "none"


@dataclass(frozen=True)
class CasesDone:
    """What became of a file: where the results are, how many of each, and the rows themselves where they were few."""

    folder: Path
    tally: Tally
    tables: Tables
    results: pl.DataFrame | None


def review_file(path: Path, out: Path, strict: bool = False, form: str = "html", link: Link | None = None) -> CasesDone:
    """Review every case of a file, of a folder of Parquet files, or of those that a pattern names.

    What comes of them moves into out/cases/<name of the file or folder>. YAML is read whole and gets a memo a case in
    the format given; CSV and Parquet are streamed and get none. link: the cluster that reviews, if one does.
    Raises BadInput where the file, the rulebook or the last run cannot be used; earlier results then stay as they were.
    """
    files = part_files(path)
    name = _name(path if files is None or path.is_dir() else path.resolve().parent)
    with steady(out):
        (desk, day), record = desk_of(out), last_run_record(out)
        few = read_yaml(path, desk.keys) if path.suffix.lower() in YAML else None
        given = _given(out) if few is not None and form != NO_MEMOS else None
    if files is not None:
        parts = read_many(files)
    else:
        parts = read_parts(path) if few is None else iter([Part(few, pl.DataFrame(schema=FAULTS))])
    at, spread = (link.placed(desk), link.in_order) if link else (desk, one_after_another)
    with staged_outputs(out / FOLDER) as staging:
        made = staging / name
        made.mkdir()
        tally = review_parts(parts, at, made, path.name, strict, files is not None, spread)
        write_json(_summary(path, record, day, desk, tally), made / "summary.json")
        if few is not None and given is not None:
            _memos(made, few, desk, given, form)
    folder = out / FOLDER / name
    return CasesDone(folder, tally, desk.tables, None if few is None else pl.read_parquet(folder / RESULTS))


def desk_of(out: Path) -> tuple[Desk, date]:
    """What the cases of a run are reviewed with, and its day.

    Raises BadInput where there is no run, or where the rules have changed since.
    """
    standing, decisions, day = last_standing(out), last_table(out, "decisions"), run_day(out)
    files, followed = read_rulebook(RULEBOOK), last_run_record(out).get("rules")
    if followed is not None and followed != files.rules_checksum:
        raise BadInput(
            f"{out}: the rules have changed since the last run; run `make score` so that decisions follow them"
        )
    book = validate_rulebook(files, standing.schema)
    return prepare(standing, decisions, book, read_tables(files, book), day), day


def _name(path: Path) -> str:
    name = path.resolve().name if path.is_dir() else path.stem
    if not name or name.startswith("."):
        raise BadInput(f"{path.name}: a file of cases needs a name that does not start with a dot")
    return name


def _summary(path: Path, record: RunRecord, day: date, desk: Desk, tally: Tally) -> dict[str, Any]:
    return {
        "file": path.name,
        "decided_as_of": day.isoformat(),
        "snapshot": record.get("snapshot"),
        "models": record.get("models"),
        "warning": desk.tables.warning,
        **tally.told(),
    }


def _given(out: Path) -> "Given":
    # What draws pages takes a while to import, which a large file without memos need not wait for.
    from risk.publishing.report_inputs import load_given

    return load_given(out)


def _memos(folder: Path, few: pl.DataFrame, desk: Desk, given: "Given", form: str) -> None:
    """A memo a case, with what the case gave beyond the columns of the results."""
    from risk.cases.tables.texts import transfer_words
    from risk.publishing.memos import write_memos
    from risk.report.contracts.memo import CaseRow

    beyond = checked(few, desk.keys).cases.select("id", "note", *FLAGS)
    rows = pl.read_parquet(folder / RESULTS).join(beyond, on="id", how="left", maintain_order="left")
    write_memos(folder, type_rows(rows, CaseRow), given, transfer_words(desk.tables), form)
