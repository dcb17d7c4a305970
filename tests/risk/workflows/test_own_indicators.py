"""An invented indicator through the command line's own functions, as the guide tells it."""

import re
from pathlib import Path

import polars as pl
import pytest
import yaml

from features.bad_input import BadInput
from features.indices.index_inputs import build_index_inputs
from features.intake.own_card import RESERVED_WORDS
from features.snapshot.compile import list_row_warnings
from features.snapshot.freshness import describe_published_cards, read_snapshot_day
from features.snapshot.own_sources import find_own_folder, list_own_sources
from features.snapshot.snapshot import CURRENT_SNAPSHOT, Snapshot
from features.vocabulary import THEME_LABELS
from risk.assessment.rule_inputs import build_rule_input_schema, load_designations_on
from risk.cli.output.own_indicators import add_own_source, remove_own_source, show_own_measures
from risk.outputs.atomic_swap import WRITE_LOCK, hold_run_lock
from risk.report.labels import SOURCE_LABELS as SHORT_NAMES
from risk.rules.loading import RULEBOOK_FOLDER
from risk.rules.rulebook_files import read_rulebook
from risk.workflows.backtest import STATUS_MEASURES, list_left_out_columns
from risk.workflows.own_indicators import add_indicator
from tests.features.intake.invented_indicator import DAYS_COLUMN, INVENTED_SOURCE, write_indicator
from tests.features.snapshot.changed_snapshots import copy_snapshot

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "own_indicators.md"


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("added")
    raw = copy_snapshot(folder)
    add_indicator(write_indicator(folder / "given"), Snapshot(raw))
    return raw


def test_the_example_of_the_guide_is_taken_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card, table = re.findall(r"```(?:yaml|csv)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    raw, folder = copy_snapshot(tmp_path), write_indicator(tmp_path / "unrest")
    told = yaml.safe_load(card)
    assert table.splitlines()[0] == (folder / "days.csv").read_text().splitlines()[0]
    (folder / "card.yaml").write_text(card, encoding="utf-8")
    add_own_source(folder, Snapshot(raw))
    assert list_own_sources(raw) == (told["source"],)
    assert capsys.readouterr().out.startswith("invented_unrest/days: 8")
    told["tables"]["days"]["rows"]["floor"] = 1
    (folder / "card.yaml").write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
    (folder / "days.csv").write_text(table, encoding="utf-8")
    add_own_source(folder, Snapshot(raw))
    assert "3 rows, 1980 to 1981" in capsys.readouterr().out


def test_status_lists_it_until_it_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = copy_snapshot(tmp_path)
    show_own_measures(Snapshot(raw))
    assert capsys.readouterr().out == ""
    add_indicator(write_indicator(tmp_path / "given"), Snapshot(raw))
    show_own_measures(Snapshot(raw))
    shown = capsys.readouterr().out
    assert re.search(rf"{INVENTED_SOURCE} +{DAYS_COLUMN} +conflict +worse +2023 +2 +2026-11-20", shown)
    remove_own_source(INVENTED_SOURCE, Snapshot(raw))
    show_own_measures(Snapshot(raw))
    assert capsys.readouterr().out.count(DAYS_COLUMN) == 0


def test_more_rows_than_the_card_expects_are_a_warning(tmp_path: Path) -> None:
    raw = copy_snapshot(tmp_path)
    few = write_indicator(tmp_path / "given", lambda card: card["tables"]["days"]["rows"].update(ceiling=2000))
    card = add_indicator(few, Snapshot(raw)).card
    assert "rows, above the card's ceiling of 2000" in next(list_row_warnings(card, find_own_folder(raw)))


def test_pages_cite_it_beside_the_publishers(raw: Path) -> None:
    cards = describe_published_cards(read_snapshot_day(Snapshot(raw)), Snapshot(raw))
    assert cards[-1]["source"] == INVENTED_SOURCE and cards[-1]["citation"].startswith("Nobody. 2026.")
    assert {card["source"] for card in cards[:-1]} == set(SHORT_NAMES)


def test_the_back_test_leaves_out_its_columns_and_nothing_else(raw: Path) -> None:
    assert list_left_out_columns(INVENTED_SOURCE, Snapshot(raw)) == {
        f"invented_unrest_{name}{end}" for name in ("days", "calm") for end in ("", "_d1", "_d5", "_age")
    }
    assert "pts_mean" in list_left_out_columns("human_rights", Snapshot(raw)) and "pts_mean" in STATUS_MEASURES
    with pytest.raises(
        BadInput, match=f"unknown theme 'weather', expected one of {', '.join(THEME_LABELS)}, {INVENTED_SOURCE}"
    ):
        list_left_out_columns("weather", Snapshot(raw))
    with pytest.raises(BadInput, match="unknown theme 'invented_unrest'"):
        list_left_out_columns(INVENTED_SOURCE, Snapshot(Path("data/raw")))


def test_two_that_add_at_once_do_not_meet(raw: Path, tmp_path: Path) -> None:
    with hold_run_lock(find_own_folder(raw), WRITE_LOCK), pytest.raises(BadInput, match="another run is writing here"):
        add_indicator(write_indicator(tmp_path / "given"), Snapshot(raw))


def test_words_that_columns_of_the_rules_begin_with_are_reserved(panel: pl.DataFrame) -> None:
    listed = load_designations_on(read_rulebook(RULEBOOK_FOLDER), read_snapshot_day(CURRENT_SNAPSHOT))
    standing = build_rule_input_schema(panel, listed, build_index_inputs("snapshot", CURRENT_SNAPSHOT))
    assert {name.split("_")[0] for name in set(standing) - set(panel.columns)} <= RESERVED_WORDS
