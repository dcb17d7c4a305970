"""What the commands on the snapshot say, and that a killed exchange is finished before any command reads."""

import json
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from features.bad_input import BadInput
from features.partners import load_partners
from features.refresh.refresh import RefreshRequest
from features.snapshot.cards import RAW_FOLDER
from features.snapshot.compile import SOURCES
from features.snapshot.freshness import describe_published_cards, find_next_due, list_table_freshness
from features.snapshot.snapshot import CURRENT_SNAPSHOT, Snapshot
from risk.cli.output.data import show_accepted_sources, show_drift, show_refresh, show_rollback, show_status
from tests.conftest import FinishedRun
from tests.risk.command_line import ROOT_FOLDER, run_command

TODAY = date(2026, 11, 26)


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A snapshot of one source and the partners."""
    for room in (
        "features.snapshot.compile",
        "features.refresh.refresh",
        "features.snapshot.freshness",
        "risk.cli.output.data",
    ):
        monkeypatch.setattr(f"{room}.SOURCES", ("pts",))
    for name in ("pts", "partners"):
        shutil.copytree(RAW_FOLDER / name, tmp_path / "data" / "raw" / name)
    return tmp_path / "data" / "raw"


def _given(folder: Path, table: pl.DataFrame) -> Path:
    """The table as a person would lay out the publisher's file."""
    (folder / "pts").mkdir(parents=True)
    names = load_partners().select("iso3", Country_OLD="name")
    laid_out = table.join(names, on="iso3").select(
        "Country_OLD", Year="year", PTS_S="pts_state", PTS_A="pts_amnesty", PTS_H="pts_hrw"
    )
    laid_out.write_csv(folder / "pts" / "pts_1976_2023.csv")
    return folder


def test_a_refusal_names_what_stands_and_the_value_moved_furthest(
    raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    norway = (pl.col("iso3") == "NOR") & (pl.col("year") == 2023)
    table = CURRENT_SNAPSHOT.read_table("pts", "scores").with_columns(
        pts_state=pl.when(norway).then(5.0).otherwise("pts_state")
    )
    assert not show_refresh(RefreshRequest(_given(tmp_path / "given", table)), TODAY, Snapshot(raw))
    said = capsys.readouterr().out
    assert "pts: refused (left unchanged; the new issue is held): pts/scores: pts_state of NOR 2023 moved" in said
    assert "pts/scores: largest change: pts_state of NOR 2023, from 1 to 5 (100.0% of its range" in said
    assert "Of 1 sources: 1 refused (pts)." in said
    show_status(TODAY, Snapshot(raw))
    assert "Held in data/candidate: pts." in capsys.readouterr().out
    show_accepted_sources(["pts"], Snapshot(raw))
    show_rollback(None, Snapshot(raw))
    told = capsys.readouterr().out
    assert "Installed: pts. What they replaced is kept as 0001" in told
    assert "Restored from 0001: pts." in told


def test_what_is_due_follows_from_the_last_year_and_the_calendar() -> None:
    card = CURRENT_SNAPSHOT.read_card("pts")
    assert find_next_due(card, "scores") == date(2025, 10, 31)
    scores = next(one for one in list_table_freshness(CURRENT_SNAPSHOT) if one.source == "pts")
    assert not scores.is_overdue(date(2025, 10, 31))
    assert scores.is_overdue(date(2025, 11, 1))
    assert find_next_due(CURRENT_SNAPSHOT.read_card("dsca"), "notifications") is None
    assert find_next_due(CURRENT_SNAPSHOT.read_card("us_assistance"), "accounts") is None


def test_pages_are_told_what_is_overdue_on_the_day_decided_for() -> None:
    told = {card["source"]: card for card in describe_published_cards(date(2026, 11, 23), snapshot=CURRENT_SNAPSHOT)}
    assert (told["pts"]["latest"], told["pts"]["overdue"]) == (2023, "2025-10-31")
    assert (told["coups"]["due"], told["coups"]["overdue"]) == ("2027-01-31", "")
    assert (told["dsca"]["due"], told["dsca"]["overdue"]) == ("", "")
    assert not {card["overdue"] for card in describe_published_cards(date(2015, 1, 1), snapshot=CURRENT_SNAPSHOT)} - {
        ""
    }


def test_every_card_says_how_each_of_its_files_is_had() -> None:
    for source in SOURCES:
        card = CURRENT_SNAPSHOT.read_card(source)
        assert [download.file for download in card.downloads] == card.published
        for download in card.downloads:
            assert download.person or download.addresses, f"{source}: {download.file}"
            assert all(url.startswith("https://") for address in download.addresses for url in address.urls)
            assert all(address.tried and address.release for address in download.addresses)
        assert card.published_each is None or set(card.published_each.tables) <= set(card.tables)


def test_a_wrong_question_is_refused_in_one_line() -> None:
    result = run_command("data", "refresh", "--source", "nobody")
    assert result.returncode == 1
    assert result.stderr.startswith("risk: unknown source 'nobody', expected one of alignment")
    assert result.stderr.count("\n") == 1


def test_the_status_tells_what_drifts_in_the_last_run_and_when_its_snapshot_is_another(
    raw: Path, finished_run: FinishedRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    show_drift(finished_run.out, snapshot=CURRENT_SNAPSHOT)
    said = capsys.readouterr().out
    assert "Drift of inputs against training, in the run decided as of 2026-" in said
    assert "inputs differ notably from the training data" in said and "changed since" not in said
    card = raw / "pts" / "card.yaml"
    card.write_bytes(card.read_bytes() + b"\n")
    show_drift(finished_run.out, Snapshot(raw))
    assert "; the snapshot has changed since:" in capsys.readouterr().out
    show_drift(tmp_path, snapshot=CURRENT_SNAPSHOT)
    assert "not measured in" in capsys.readouterr().out


def test_a_command_finishes_an_exchange_that_was_killed(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for room in ("features", "models", "risk", "data/raw"):
        shutil.copytree(ROOT_FOLDER / room, checkout / room)
    data = checkout / "data"
    shutil.copytree(data / "raw" / "pts", data / ".raw.incoming" / "pts")
    (data / "kept" / "0001").mkdir(parents=True)
    (data / "raw" / "pts").rename(data / "kept" / "0001" / "pts")
    (data / ".raw.placing.json").write_text(json.dumps({"sources": ["pts"], "kept": "0001", "spent": ""}))
    result = run_command("data", "status", "--as-of", "2026-11-23", checkout=checkout)
    assert result.returncode == 0, result.stderr
    assert (data / "raw" / "pts" / "card.yaml").is_file()
    assert not (data / ".raw.placing.json").exists()


def test_a_rollback_of_what_is_not_kept_is_refused(raw: Path) -> None:
    with pytest.raises(BadInput, match="no earlier release is kept of pts"):
        show_rollback("pts", Snapshot(raw))
