"""An invented indicator through the command line's own functions, as the guide tells it."""

import re
from pathlib import Path

import polars as pl
import pytest
import yaml

from features.bad_input import BadInput
from features.intake.own_card import RESERVED
from features.snapshot.compile import warnings
from features.snapshot.freshness import published_facts, snapshot_day
from features.snapshot.own_sources import own_folder, own_sources
from features.vocabulary import THEME_LABELS
from risk.assessment.rule_inputs import listed_on, standing_schema
from risk.cli.output.own_indicators import add_own, remove_own, show_own
from risk.outputs.atomic_swap import WRITE_LOCK, only_run
from risk.report.partner.reasons import SOURCES as SHORT_NAMES
from risk.rules.files import read_rulebook
from risk.rules.loading import RULEBOOK
from risk.workflows.backtest import STATUS_MEASURES, left_out
from risk.workflows.own_indicators import add_indicator
from tests.features.intake.invented_indicator import DAYS, SOURCE, indicator
from tests.features.snapshot.changed_snapshots import copy_snapshot

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "own_indicators.md"


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("added")
    raw = copy_snapshot(folder)
    add_indicator(indicator(folder / "given"), raw)
    return raw


def test_the_example_of_the_guide_is_taken_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card, table = re.findall(r"```(?:yaml|csv)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    raw, folder = copy_snapshot(tmp_path), indicator(tmp_path / "unrest")
    told = yaml.safe_load(card)
    assert table.splitlines()[0] == (folder / "days.csv").read_text().splitlines()[0]
    (folder / "card.yaml").write_text(card, encoding="utf-8")
    add_own(folder, raw)
    assert own_sources(raw) == (told["source"],)
    assert capsys.readouterr().out.startswith("invented_unrest/days: 8")
    told["tables"]["days"]["rows"]["floor"] = 1
    (folder / "card.yaml").write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
    (folder / "days.csv").write_text(table, encoding="utf-8")
    add_own(folder, raw)
    assert "3 rows, 1980 to 1981" in capsys.readouterr().out


def test_status_lists_it_until_it_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = copy_snapshot(tmp_path)
    show_own(raw)
    assert capsys.readouterr().out == ""
    add_indicator(indicator(tmp_path / "given"), raw)
    show_own(raw)
    shown = capsys.readouterr().out
    assert re.search(rf"{SOURCE} +{DAYS} +conflict +worse +2023 +2 +2026-11-20", shown)
    remove_own(SOURCE, raw)
    show_own(raw)
    assert capsys.readouterr().out.count(DAYS) == 0


def test_more_rows_than_the_card_expects_are_a_warning(tmp_path: Path) -> None:
    raw = copy_snapshot(tmp_path)
    few = indicator(tmp_path / "given", lambda card: card["tables"]["days"]["rows"].update(ceiling=2000))
    card = add_indicator(few, raw).card
    assert "rows, above the card's ceiling of 2000" in next(warnings(card, own_folder(raw)))


def test_pages_cite_it_beside_the_publishers(raw: Path) -> None:
    cards = published_facts(snapshot_day(raw), raw)
    assert cards[-1]["source"] == SOURCE and cards[-1]["citation"].startswith("Nobody. 2026.")
    assert {card["source"] for card in cards[:-1]} == set(SHORT_NAMES)


def test_the_back_test_leaves_out_its_columns_and_nothing_else(raw: Path) -> None:
    assert left_out(SOURCE, raw) == {
        f"invented_unrest_{name}{end}" for name in ("days", "calm") for end in ("", "_d1", "_d5", "_age")
    }
    assert "pts_mean" in left_out("human_rights", raw) and "pts_mean" in STATUS_MEASURES
    with pytest.raises(BadInput, match=f"unknown theme 'weather', expected one of {', '.join(THEME_LABELS)}, {SOURCE}"):
        left_out("weather", raw)
    with pytest.raises(BadInput, match="unknown theme 'invented_unrest'"):
        left_out(SOURCE, Path("data/raw"))


def test_two_that_add_at_once_do_not_meet(raw: Path, tmp_path: Path) -> None:
    with only_run(own_folder(raw), WRITE_LOCK), pytest.raises(BadInput, match="another run is writing here"):
        add_indicator(indicator(tmp_path / "given"), raw)


def test_words_that_columns_of_the_rules_begin_with_are_reserved(panel: pl.DataFrame) -> None:
    standing = standing_schema(panel, listed_on(read_rulebook(RULEBOOK), snapshot_day()))
    assert {name.split("_")[0] for name in set(standing) - set(panel.columns)} <= RESERVED
