"""The server of MLflow's UI, replaced by a small one: ready, interrupted, port in use, exited."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from features.bad_input import BadInput
from models.registry.mlflow_server import TRACKING_VARIABLE, choose_tracking_uri, serve_mlflow
from tests.risk.command_line import ROOT_FOLDER

STAND_IN = """
import sys, http.server
class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.end_headers()
    def log_message(self, *said): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Pages).serve_forever()
"""
SERVE = """
import sys
from pathlib import Path
from models.registry import mlflow_server as server
server._build_server_command = lambda out, port: [sys.executable, "-c", sys.argv[1], str(port)]
server.serve_mlflow(Path(sys.argv[2]), int(sys.argv[3]))
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(stand_in: str, out: Path, port: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", SERVE, stand_in, str(out), str(port)],
        env=os.environ | {"PYTHONPATH": str(ROOT_FOLDER)}, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_says_when_it_is_ready_and_ends_with_0_and_leaves_no_server(
    tmp_path: Path, port: int, ending: signal.Signals
) -> None:
    process = start(STAND_IN, tmp_path, port)
    assert process.stdout is not None
    assert process.stdout.readline() == f"MLflow UI ready at http://127.0.0.1:{port} (press Ctrl-C to stop)\n"
    process.send_signal(ending)
    _, message = process.communicate(timeout=20)
    assert (process.returncode, message) == (0, "")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_server_that_ends_before_it_is_ready_is_told_in_one_line_with_its_reason(tmp_path: Path, port: int) -> None:
    _, message = start("raise SystemExit('the store is of another version')", tmp_path, port).communicate(timeout=20)
    assert message.splitlines()[-1].endswith("exited with code 1: the store is of another version")


def test_a_taken_port_is_refused_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BadInput, match=r"port \d+ at 127\.0\.0\.1: Address already in use; choose another"):
            serve_mlflow(tmp_path, taken.getsockname()[1])


def test_a_shared_server_has_pages_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(TRACKING_VARIABLE, "http://127.0.0.1:1")
    serve_mlflow(tmp_path, 5000)
    assert choose_tracking_uri(tmp_path) == "http://127.0.0.1:1" and "http://127.0.0.1:1" in capsys.readouterr().out
