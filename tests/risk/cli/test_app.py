"""Exit codes, one clear line, and earlier outputs that stay: 0 it worked, 1 it failed, 2 wrong usage."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from resource import RLIMIT_FSIZE, setrlimit

import pytest

from risk.ledger.ledger_files import locate_ledger
from risk.ledger.reader import read_lines
from tests.conftest import FinishedRun
from tests.risk.command_line import ROOT_FOLDER, read_contents, run_command, start_command


@pytest.fixture(scope="module")
def out(finished_run: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of finished outputs that a failing command may threaten."""
    return Path(shutil.copytree(finished_run.out, tmp_path_factory.mktemp("cli") / "out"))


def refusal(result: subprocess.CompletedProcess[str]) -> str:
    """The one line of a command that failed."""
    assert result.returncode == 1, result
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("risk: "), result.stderr
    return lines[0]


@pytest.mark.parametrize("arguments", [("score", "--no-such-option"), ("score", "--as-of", "yesterday"), ("explain",)])
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert run_command(*arguments).returncode == 2


def test_every_command_has_help() -> None:
    for command in (
        "score",
        "train",
        "backtest",
        "explain",
        "report",
        "ui",
        "bench",
        "rules",
        "data",
        "portfolio",
        "case",
        "replay",
        "ledger",
        "verify",
    ):
        result = run_command(command, "--help")
        assert result.returncode == 0 and command in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--outcome", "war"),
            "unknown outcome 'war', expected one of misuse, state_terror, civilian_killing, coup, all",
        ),
        (("--profile", "weekly"), "unknown profile 'weekly', expected one of calendar, snapshot, both"),
        (("--origins", "2021:2000"), "origins '2021:2000': expected FIRST:LAST between 1990 and 2025"),
        (("--outcome", "none.csv"), "none.csv: no such file"),
        (("--without", "weather"), "unknown theme 'weather', expected one of governance"),
    ],
)
def test_a_back_test_of_what_there_is_not_is_refused(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    assert message in refusal(run_command("backtest", *arguments, "--out", tmp_path / "out"))


def test_asking_for_reasons_before_any_run_says_what_to_run(tmp_path: Path) -> None:
    assert "run `make score` first" in refusal(run_command("explain", "EGY", "--out", tmp_path))


def test_an_unknown_partner_is_refused_and_a_known_one_explained(out: Path) -> None:
    assert "no reasons for partner 'XXX'" in refusal(run_command("explain", "xxx", "--out", out))
    result = run_command("explain", "egy", "--out", out)
    assert result.returncode == 0 and "associations in the model, not causes" in result.stdout


def test_a_second_run_reuses_the_models_and_gives_the_same_bytes(finished_run: FinishedRun, out: Path) -> None:
    result = run_command("score", "--out", out)
    assert result.returncode == 0, result.stderr
    assert "their inputs have not changed" in result.stdout
    assert json.loads((out / "run.json").read_text())["models"] in {
        line.content.get("models") for line in read_lines(locate_ledger())
    }
    first, second = read_contents(finished_run.out), read_contents(out)
    records = [json.loads(made.pop("run.json")) for made in (first, second)]
    assert [sorted(record.pop("seconds")) for record in records][0]
    assert records[0] == records[1]
    assert [name for name in first | second if first.get(name) != second.get(name)] == []


def test_a_taken_port_for_the_mlflow_pages_ends_with_1_and_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "choose another with --port" in refusal(
            run_command("ui", "--port", taken.getsockname()[1], "--out", tmp_path)
        )


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code and the snapshot that a test may break."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("features", "models", "risk", "data"):
        shutil.copytree(ROOT_FOLDER / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("data/raw/wdi/oil.csv", None, "oil.csv: missing"),
        ("risk/rulebook/redlines.yaml", b"\xff\xfe\x00", "redlines.yaml"),
    ],
)
def test_spoiled_input_ends_with_1_and_one_line_and_earlier_outputs_stay(
    checkout: Path, out: Path, path: str, content: bytes | None, message: str
) -> None:
    kept, before = (checkout / path).read_bytes(), read_contents(out)
    (checkout / path).unlink()
    if content is not None:
        (checkout / path).write_bytes(content)
    try:
        assert message in refusal(run_command("score", "--out", out, checkout=checkout))
    finally:
        (checkout / path).write_bytes(kept)
    assert read_contents(out) == before


def test_a_disk_that_takes_no_more_ends_with_1_and_earlier_outputs_stay(out: Path, tmp_path: Path) -> None:
    before = read_contents(out)
    message = refusal(
        run_command(
            "report", "--out", out, "--ledger", tmp_path, preexec_fn=lambda: setrlimit(RLIMIT_FSIZE, (9_000, 9_000))
        )
    )
    assert "cannot write results" in message and "earlier outputs are unchanged" in message
    assert read_contents(out) == before


def loading(process: subprocess.Popen[str], out: Path) -> bool:
    return "polars" in Path(f"/proc/{process.pid}/maps").read_text()


def writing(process: subprocess.Popen[str], out: Path) -> bool:
    return (out / ".staging" / "reports").exists()


@pytest.mark.parametrize(("command", "moment"), [("score", loading), ("report", writing)])
def test_ctrl_c_ends_with_1_and_one_line_and_earlier_outputs_stay(
    out: Path, command: str, moment: Callable[[subprocess.Popen[str], Path], bool]
) -> None:
    before = read_contents(out)
    process = start_command(command, "--out", out)
    _interrupt(process, lambda: moment(process, out))
    assert read_contents(out) == before
    assert not (out / ".staging").exists()


def test_ctrl_c_while_models_are_trained_ends_with_1_and_one_line(tmp_path: Path) -> None:
    process = start_command("score", "--out", tmp_path)
    _interrupt(process, lambda: _trains(process.pid))
    assert read_contents(tmp_path) == {}


def _interrupt(process: subprocess.Popen[str], reached: Callable[[], bool]) -> None:
    """Interrupt the process and its workers, as a terminal does, once a moment is reached."""
    patience = time.monotonic() + 60
    while not reached() and process.poll() is None and time.monotonic() < patience:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, message = process.communicate(timeout=60)
    assert (process.returncode, message) == (1, "risk: interrupted; earlier outputs are unchanged\n")


def _trains(process: int) -> bool:
    """Whether the workers that train have been started."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return sum("popen_loky" in Path(f"/proc/{child}/cmdline").read_text() for child in children) >= 2


def test_the_portfolio_is_told_and_a_request_answered_beside_its_tables(out: Path) -> None:
    assert (out / "reports" / "portfolio.html").is_file() and (out / "portfolio" / "claims.csv").is_file()
    told = run_command("portfolio", "--out", out)
    assert told.returncode == 0 and "Common claims, and what the data show" in told.stdout
    answered = run_command("portfolio", "--what-if", ROOT_FOLDER / "docs" / "examples" / "what_if.yaml", "--out", out)
    assert answered.returncode == 0 and "The floor for Israel" in answered.stdout
    assert (out / "portfolio" / "what_if.html").is_file() and (out / "portfolio" / "claims.csv").is_file()


def test_a_request_that_cannot_be_kept_says_which_lines_collide_and_leaves_the_last_answer(
    out: Path, tmp_path: Path
) -> None:
    request = tmp_path / "request.yaml"
    request.write_text("base: 2020\n")
    assert run_command("portfolio", "--what-if", request, "--out", out).returncode == 0
    before = read_contents(out)
    request.write_text("base: 2020\nbudget: 1\n")
    result = run_command("portfolio", "--what-if", request, "--out", out)
    lines = result.stderr.splitlines()
    assert result.returncode == 1 and len(lines) == 3
    assert "cannot all hold" in lines[0] and "budget: " in lines[1] and "largest_change: " in lines[2]
    assert read_contents(out) == before
