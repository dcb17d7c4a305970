"""Pages drawn by a second process: the same bytes as one process gives, even if the second fails."""

import os
from pathlib import Path

import pytest

from features.snapshot.snapshot import CURRENT_SNAPSHOT
from risk.publishing.report_inputs import load_report_inputs
from risk.report import page_worker as rendering
from risk.report.html import write_partner_page
from risk.report.page_worker import draw_pages
from risk.report.partner.summary import summarize_partner
from tests.conftest import FinishedRun

MANY = 30


@pytest.fixture(scope="module")
def summaries(finished_run: FinishedRun) -> list[dict[str, object]]:
    given = load_report_inputs(finished_run.out, snapshot=CURRENT_SNAPSHOT)
    return [summarize_partner(iso3, given) for iso3 in list(given.partners)[:MANY]]


def drawn(folder: Path, summaries: list[dict[str, object]]) -> dict[str, bytes]:
    with draw_pages(folder, len(summaries)) as pages:
        for summary in summaries:
            pages.queue_partner_page(summary)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def alone(tmp_path: Path, summaries: list[dict[str, object]]) -> dict[str, bytes]:
    folder = tmp_path / "alone"
    folder.mkdir()
    for summary in summaries:
        write_partner_page(folder, summary)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_second_process_draws_every_page_and_the_same_bytes(
    tmp_path: Path, summaries: list[dict[str, object]], alone: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    here: list[object] = []
    monkeypatch.setattr(rendering, "write_partner_page", lambda _, summary: here.append(summary["iso3"]))
    assert drawn(tmp_path / "beside", summaries) == alone
    assert here == []


@pytest.mark.parametrize("program", ["raise SystemExit(1)", "import os; os.kill(os.getpid(), 9)", "no python {path}"])
def test_a_second_process_that_fails_costs_no_page(
    program: str,
    tmp_path: Path,
    summaries: list[dict[str, object]],
    alone: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(rendering, "WORKER_PROGRAM", program)
    assert drawn(tmp_path / "beside", summaries) == alone


def test_on_one_core_or_for_few_pages_no_process_is_started(
    tmp_path: Path, summaries: list[dict[str, object]], alone: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "Popen", lambda *_, **__: pytest.fail("a process was started"))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert drawn(tmp_path / "one core", summaries) == alone
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    assert len(drawn(tmp_path / "few", summaries[:2])) == 2


def test_a_page_that_cannot_be_written_fails_as_it_would_alone(
    tmp_path: Path, summaries: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / f"{summaries[-1]['iso3']}.html").mkdir()
    with pytest.raises(IsADirectoryError):
        drawn(tmp_path / "folder", summaries)


def test_nothing_is_waited_for_when_the_work_beside_fails(tmp_path: Path, summaries: list[dict[str, object]]) -> None:
    with pytest.raises(ZeroDivisionError), draw_pages(tmp_path / "failed", len(summaries)) as pages:
        pages.queue_partner_page(summaries[0])
        raise ZeroDivisionError
