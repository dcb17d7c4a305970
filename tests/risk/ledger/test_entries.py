"""What people enter is checked first, and stands as the later lines and the day decide."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.bad_input import BadInput
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from risk.ledger import entries
from risk.ledger import text_checks as wording
from risk.ledger.deadlines import compute_deadline, describe_next_step, load_statuses
from risk.ledger.entries import record_entry
from risk.ledger.ledger_files import LedgerFiles, locate_ledger
from risk.ledger.line import LedgerLine, chain_next_line
from risk.ledger.reader import read_lines
from risk.ledger.state import LedgerState, compute_ledger_state, group_shown_entries
from risk.ledger.writer import NewEntry
from tests.conftest import FinishedRun

TODAY = date(2026, 11, 26)
NEXT_YEAR = date(2027, 6, 30)
WEB = "https://invented.example/report"


def told(*made: tuple[str, NewEntry]) -> list[LedgerLine]:
    """Lines of these days and entries."""
    chain: list[LedgerLine] = []
    for day, (kind, body) in made:
        before = (chain[-1].number, chain[-1].hash) if chain else (0, "0" * 64)
        chain.append(chain_next_line(before, f"{day}T12:00:00Z", "Anna", kind, body))
    return chain


def on(day: str, *made: tuple[str, NewEntry]) -> LedgerState:
    return compute_ledger_state(told(*made), date.fromisoformat(day))


def override(**changes: Any) -> NewEntry:
    engine = {"tier": "high", "probability": 0.4, "low": 0.3, "high": 0.5, "origin": 2025}
    body = {"iso3": "EGY", "outcome": "misuse", "tier": "severe", "because": "x", "until": "2027-06-30"}
    return "override", body | {"engine": engine} | changes


INCIDENT = ("2026-11-01", entries.build_incident_entry("egy", date(2026, 10, 30), "Shelling of a market.", WEB, TODAY))
DISPUTE: NewEntry = ("dispute", {"iso3": "EGY", "measure": "pts_mean", "value": 4.0, "because": "x"})


def step(status: str, incident: int = 1) -> NewEntry:
    return "incident_status", {"incident": incident, "iso3": "EGY", "status": status, "because": "Seen."}


def test_an_override_is_in_force_through_its_last_day_and_no_longer() -> None:
    assert list(on("2027-06-30", ("2026-11-01", override())).overrides) == [1]
    expired = on("2027-07-01", ("2026-11-01", override()))
    assert expired.overrides == {} and group_shown_entries(expired) == {}


def test_a_later_override_takes_the_place_of_an_earlier_one_of_the_same_outcome_only() -> None:
    made = [override(), override(outcome="coup"), override(tier="low"), override(iso3="SDN")]
    standing = on("2026-12-01", *(("2026-11-01", entry) for entry in made))
    assert list(standing.overrides) == [2, 3, 4]
    assert [entry["tier"] for entry in group_shown_entries(standing)["EGY"]["overrides"]] == ["severe", "low"]


def test_an_override_or_note_withdrawn_is_no_longer_in_force() -> None:
    note = entries.build_note_entry("EGY", "A note.", None, TODAY)
    before = [("2026-11-01", override()), ("2026-11-01", note)]
    ends = [entries.build_withdrawal_entry(number, "Mistaken.", on("2026-11-02", *before)) for number in (1, 2)]
    after = on("2026-11-03", *before, *(("2026-11-03", end) for end in ends))
    assert group_shown_entries(after) == {}
    with pytest.raises(BadInput, match="line 1: no override or note in force with this number; there are none"):
        entries.build_withdrawal_entry(1, "Again.", after)


def test_a_report_runs_against_a_clock_that_each_status_sets_anew() -> None:
    (first,) = on("2026-11-08", INCIDENT).incidents.values()
    assert (first["status"], first["due"], first["overdue"]) == ("reported", "2026-11-08", False)
    assert on("2026-11-09", INCIDENT).incidents[1]["overdue"]
    reviewed = on("2026-11-09", INCIDENT, ("2026-11-05", step("under review"))).incidents[1]
    assert (reviewed["due"], reviewed["overdue"], reviewed["because"]) == ("2027-02-03", False, "Seen.")


@pytest.mark.parametrize(
    ("steps", "kept"),
    [
        (["unfounded"], False),
        (["closed"], False),
        (["under review", "substantiated"], True),
        (["under review", "substantiated", "closed"], True),
        (["under review", "substantiated", "under review", "unfounded"], False),
        (["acknowledged"], True),
    ],
)
def test_a_page_keeps_reports_that_are_open_or_were_substantiated(steps: list[str], kept: bool) -> None:
    standing = on("2027-01-01", INCIDENT, *(("2026-11-02", step(status)) for status in steps))
    assert ("EGY" in group_shown_entries(standing)) == kept


def test_only_a_status_that_may_follow_is_taken() -> None:
    standing = on("2026-11-02", INCIDENT)
    assert entries.build_incident_status_entry(1, "Under_Review", "Begun.", standing)[1]["status"] == "under review"
    with pytest.raises(
        BadInput, match="cannot follow 'reported', expected one of acknowledged, under review, unfounded, closed"
    ):
        entries.build_incident_status_entry(1, "substantiated", "x", standing)
    with pytest.raises(BadInput, match="line 9: no incident with this number; known: 1"):
        entries.build_incident_status_entry(9, "closed", "x", standing)


def test_every_status_leads_to_known_ones_and_only_ended_matters_have_no_clock() -> None:
    assert {name for found in load_statuses().values() for name in found.then} | {"reported"} == set(load_statuses())
    assert [name for name in load_statuses() if compute_deadline(name, TODAY) is None] == ["unfounded", "closed"]
    assert all(describe_next_step(name) for name in load_statuses() if compute_deadline(name, TODAY))


def test_a_dispute_is_open_until_answered_and_answered_once() -> None:
    asked = on("2026-11-02", ("2026-11-01", DISPUTE))
    assert group_shown_entries(asked)["EGY"]["disputes"][0]["answer"] is None
    for upheld in (True, False):
        message = entries.build_answer_entry(1, "Checked.", upheld, asked)
        standing = on("2026-11-04", ("2026-11-01", DISPUTE), ("2026-11-03", message))
        assert ("EGY" in group_shown_entries(standing)) == upheld
        with pytest.raises(BadInput, match="line 1: already answered by line 2"):
            entries.build_answer_entry(1, "Again.", False, standing)
    with pytest.raises(BadInput, match="line 7: no dispute with this number; known: 1"):
        entries.build_answer_entry(7, "x", True, asked)


def test_an_override_stands_beside_the_engine_s_own_figure(finished_run: FinishedRun) -> None:
    kind, body = entries.build_override_entry("egy", "coup", "severe", "Invented.", NEXT_YEAR, TODAY, finished_run.out)
    row = finished_run.result.scores.filter(iso3="EGY", outcome="coup").to_dicts()[0]
    assert (kind, body["iso3"], body["tier"], body["until"]) == ("override", "EGY", "severe", "2027-06-30")
    assert body["engine"] == {name: row[name] for name in ("tier", "probability", "low", "high", "origin")}


def test_a_dispute_keeps_the_value_its_year_and_its_source(finished_run: FinishedRun) -> None:
    body = entries.build_dispute_entry(
        "EGY", "vdem_physical_integrity", "Invented.", finished_run.out, snapshot=CURRENT_SNAPSHOT
    )[1]
    row = finished_run.result.standing.filter(iso3="EGY").to_dicts()[0]
    assert (body["value"], body["year"], body["source"]) == (row["vdem_physical_integrity"], 2025, "vdem")
    changed = entries.build_dispute_entry(
        "EGY", "pts_mean_d5", "Invented.", finished_run.out, snapshot=CURRENT_SNAPSHOT
    )[1]
    assert changed["year"] == 2023 and "change over 5 years" in changed["label"]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            lambda out: entries.build_override_entry("EGY", "war", "low", "x", NEXT_YEAR, TODAY, out),
            "unknown outcome 'war'",
        ),
        (
            lambda out: entries.build_override_entry("EGY", "coup", "dire", "x", NEXT_YEAR, TODAY, out),
            "unknown tier 'dire'",
        ),
        (
            lambda out: entries.build_override_entry("XXX", "coup", "low", "x", NEXT_YEAR, TODAY, out),
            "no partner 'XXX'",
        ),
        (
            lambda out: entries.build_override_entry("EGY", "coup", "low", "x", date(2026, 1, 1), TODAY, out),
            "is in the past, expected",
        ),
        (
            lambda out: entries.build_override_entry("EGY", "coup", "low", "  ", NEXT_YEAR, TODAY, out),
            "--because: 0 characters",
        ),
        (
            lambda out: entries.build_note_entry("EGY", "x" * 2001, None, TODAY),
            "--note: 2001 characters, expected 1 to 2000",
        ),
        (
            lambda out: entries.build_note_entry("EGY", "a\x1b[2Jb", None, TODAY),
            r"character U\+001B cannot be displayed",
        ),
        (
            lambda out: entries.build_note_entry("EGY", "a\u202eb", None, TODAY),
            r"character U\+202E cannot be displayed",
        ),
        (
            lambda out: entries.build_note_entry("EGY", "a\ud800b", None, TODAY),
            r"character U\+D800 cannot be displayed",
        ),
        (
            lambda out: entries.build_incident_entry("EGY", NEXT_YEAR, "x", WEB, TODAY),
            "is in the future, expected",
        ),
        (
            lambda out: entries.build_incident_entry("EGY", TODAY, "x", "javascript:alert(1)", TODAY),
            "expected a web address",
        ),
        (lambda out: entries.build_incident_entry("EGY", TODAY, "x", "https://", TODAY), "expected a web address"),
        (lambda out: entries.build_incident_entry("EGY", TODAY, "x", "https://[", TODAY), "expected a web address"),
        (
            lambda out: entries.build_dispute_entry("EGY", "vdem_torture_", "x", out, snapshot=CURRENT_SNAPSHOT),
            "no measure of the panel",
        ),
        (
            lambda out: entries.build_dispute_entry("XXX", "pts_mean", "x", out, snapshot=CURRENT_SNAPSHOT),
            "no partner 'XXX'",
        ),
    ],
)
def test_what_cannot_be_entered_is_refused_in_one_line(finished_run: FinishedRun, made: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message) as refused:
        made(finished_run.out)
    assert "\n" not in str(refused.value)


@given(st.text())
def test_a_text_is_refused_or_kept_as_one_line_that_any_page_can_hold(text: str) -> None:
    try:
        kept = wording.check_text(text, "because")
    except BadInput as refused:
        assert "\n" not in str(refused)
    else:
        assert kept == " ".join(text.split()) and kept.isprintable() | any(ord(mark) > 0x9F for mark in kept)
        kept.encode()


def test_an_entry_is_made_from_how_things_stand_and_records_what_lay_unrecorded(
    finished_run: FinishedRun, tmp_path: Path
) -> None:
    place = locate_ledger(tmp_path)
    line = record_entry(
        lambda now: entries.build_note_entry("EGY", "First.", None, now.day), place, finished_run.out, " Anna  B "
    )
    assert (line.kind, line.who, line.number) == ("note", "Anna B", finished_run.result.partners.height + 2)
    record_entry(lambda now: entries.build_withdrawal_entry(line.number, "Done.", now), place, finished_run.out, None)
    with pytest.raises(BadInput, match="no override or note in force with this number"):
        record_entry(
            lambda now: entries.build_withdrawal_entry(line.number, "Done.", now), place, finished_run.out, None
        )
    with pytest.raises(BadInput, match="--by: 0 characters"):
        record_entry(lambda now: entries.build_note_entry("EGY", "x", None, now.day), place, finished_run.out, "")
    assert [line.kind for line in read_lines(place)][-2:] == ["note", "withdrawal"]
    assert [found.kind for found in entries.select_written_lines("egy", read_lines(place))] == ["note", "withdrawal"]


def test_a_ledger_without_outputs_takes_a_note(tmp_path: Path) -> None:
    place = LedgerFiles(tmp_path / "ledger.db")
    note = record_entry(
        lambda now: entries.build_note_entry("EGY", "x", None, now.day), place, tmp_path / "none", "Anna"
    )
    assert note.number == 1
