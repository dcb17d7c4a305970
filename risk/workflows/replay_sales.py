"""A replay of past notifications from snapshot, rulebook and the back-test's record to the page that tells of it."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from features.panel import build_panel
from features.snapshot.cards import RAW
from features.snapshot.compile import verify
from features.snapshot.freshness import snapshot_day
from features.vocabulary import PROFILE
from risk.assessment.rule_inputs import listed_on, standing_schema
from risk.cases.tables.loading import read_tables
from risk.outputs.backtest_record import read_record
from risk.outputs.last_run import last_standing
from risk.outputs.writing import staged_outputs, write_csv
from risk.replay.figure import draw
from risk.replay.named_items import review_named
from risk.replay.notifications import KEYS, Replay, replay
from risk.replay.page import page
from risk.rules.files import read_rulebook
from risk.rules.loading import RULEBOOK, validate_rulebook

PAGE = Path("docs/replay.md")


def run_replay(out: Path, to: Path = PAGE, rulebook: Path = RULEBOOK, raw: Path = RAW) -> Replay:
    """Write the page `to`, its picture beside it, and notifications.csv, rules.csv and named.csv in out/replay.

    Raises BadInput where the snapshot, the rulebook or the outputs of the last run cannot be used.
    """
    verify(raw)
    day, panel, files = snapshot_day(raw), build_panel(PROFILE, raw), read_rulebook(rulebook)
    book = validate_rulebook(files, standing_schema(panel, listed_on(files, day)))
    transfers = read_tables(files, book)
    made = replay(read_record(out), panel, book, transfers, day, raw)
    named = review_named(made.sales, read_standing(out), book, transfers, day)
    with staged_outputs(out / "replay") as staging:
        write_csv(made.sales, staging / "notifications.csv")
        write_csv(rule_counts(made), staging / "rules.csv")
        write_csv(named, staging / "named.csv")
    _write_page(page(made, named, day, to.with_suffix(".png").name), made, to)
    return made


def rule_counts(made: Replay) -> pl.DataFrame:
    """One row a kind, rule, tier and result: how many notifications carry it."""
    counted = made.packages.group_by("kind", "rule", "tier", "result").agg(
        notifications=pl.struct(KEYS).n_unique(), partners=pl.col("iso3").n_unique()
    )
    return counted.sort("kind", "rule", "tier", "result")


def read_standing(out: Path) -> pl.DataFrame:
    """The standing of the last run; BadInput where there is none."""
    return last_standing(out)


def _write_page(text: str, made: Replay, to: Path) -> None:
    """Write page and picture aside, then move both into place."""
    picture = to.with_suffix(".png")
    to.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=to.parent) as aside:
        draw(made, Path(aside) / picture.name)
        (Path(aside) / to.name).write_text(text, encoding="utf-8", newline="\n")
        for path in (picture, to):
            (Path(aside) / path.name).replace(path)
