"""Replays past notifications from snapshot, rulebook and back-test record, and writes tables and a page."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from features.indices.index_inputs import build_index_inputs
from features.panel import build_panel
from features.snapshot.freshness import read_snapshot_day
from features.snapshot.snapshot import Snapshot
from features.vocabulary import DEFAULT_PROFILE
from risk.assessment.rule_inputs import build_rule_input_schema, load_designations_on
from risk.cases.tables.loading import load_transfer_tables
from risk.outputs.backtest_record import read_backtest_record
from risk.outputs.last_run import read_last_table
from risk.outputs.writing import stage_outputs, write_csv
from risk.replay.figure import draw_replay_figure
from risk.replay.named_items import review_named_cases
from risk.replay.notifications import NOTIFICATION_KEYS, SalesReplay, replay_notifications
from risk.replay.page import format_replay_page
from risk.rules.loading import RULEBOOK_FOLDER, validate_rulebook
from risk.rules.rulebook_files import read_rulebook

REPLAY_PAGE = Path("docs/explanation/replay.md")


def run_replay(
    out: Path, to: Path = REPLAY_PAGE, rulebook: Path = RULEBOOK_FOLDER, *, snapshot: Snapshot
) -> SalesReplay:
    """Write the page `to`, its picture beside it, and notifications.csv, rules.csv and named.csv in out/replay.

    Raises BadInput where the snapshot, the rulebook or the outputs of the last run cannot be used.
    """
    snapshot.verify()
    day, panel, files = read_snapshot_day(snapshot), build_panel(DEFAULT_PROFILE, snapshot), read_rulebook(rulebook)
    listed, indexed = load_designations_on(files, day), build_index_inputs(DEFAULT_PROFILE, snapshot)
    book = validate_rulebook(files, build_rule_input_schema(panel, listed, indexed))
    transfers = load_transfer_tables(files, book)
    replay = replay_notifications(read_backtest_record(out), panel, book, transfers, day, snapshot)
    named = review_named_cases(replay.sales, read_rule_inputs(out), book, transfers, day)
    with stage_outputs(out / "replay") as staging:
        write_csv(replay.sales, staging / "notifications.csv")
        write_csv(count_rules(replay), staging / "rules.csv")
        write_csv(named, staging / "named.csv")
    _write_page(format_replay_page(replay, named, day, to.with_suffix(".png").name), replay, to)
    return replay


def count_rules(replay: SalesReplay) -> pl.DataFrame:
    """Count notifications and partners by kind, rule, tier and result."""
    counted = replay.packages.group_by("kind", "rule", "tier", "result").agg(
        notifications=pl.struct(NOTIFICATION_KEYS).n_unique(), partners=pl.col("iso3").n_unique()
    )
    return counted.sort("kind", "rule", "tier", "result")


def read_rule_inputs(out: Path) -> pl.DataFrame:
    """The standing of the last run; BadInput where there is none."""
    return read_last_table(out, "standing")


def _write_page(text: str, replay: SalesReplay, to: Path) -> None:
    """Write page and chart to a temporary folder, then move both into place."""
    picture = to.with_suffix(".png")
    to.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=to.parent) as folder:
        draw_replay_figure(replay, Path(folder) / picture.name)
        (Path(folder) / to.name).write_text(text, encoding="utf-8", newline="\n")
        for path in (picture, to):
            (Path(folder) / path.name).replace(path)
