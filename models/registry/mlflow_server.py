"""MLflow's storage locations and its UI at 127.0.0.1; starts MLflow but never imports it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

from features.bad_input import BadInput

SERVER_HOST = "127.0.0.1"
TRACKING_VARIABLE = "MLFLOW_TRACKING_URI"
DATABASE_FILE = "mlflow.db"
# Read by MLflow when it is imported or started.
MLFLOW_SWITCHES = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
PATIENCE_SECONDS = 120


def choose_tracking_uri(out: Path) -> str:
    """The tracking server in MLFLOW_TRACKING_URI, or else the SQLite store in the output folder."""
    return os.environ.get(TRACKING_VARIABLE) or f"sqlite:///{(out / DATABASE_FILE).resolve()}"


def choose_artifacts_uri(out: Path) -> str | None:
    """The artifact location of the SQLite store; None if a server decides it."""
    return None if os.environ.get(TRACKING_VARIABLE) else (out / "mlflow").resolve().as_uri()


def serve_mlflow(out: Path, port: int) -> None:
    """Serve MLflow's UI at 127.0.0.1 until interrupted, and print when it is ready.

    Raises BadInput for a port in use and for a server that exits by itself.
    """
    if choose_tracking_uri(out).startswith("http"):
        print(f"{TRACKING_VARIABLE} names a server: its UI is at {choose_tracking_uri(out)}")
        return
    _refuse_taken_port(port)
    out.mkdir(parents=True, exist_ok=True)
    # When this process is terminated, it ends its server too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with TemporaryFile("w+") as output:
        environment = os.environ | MLFLOW_SWITCHES | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        server = subprocess.Popen(
            _build_server_command(out, port),
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _await_server(server, port)
            if server.poll() is None:
                print(f"MLflow UI ready at http://{SERVER_HOST}:{port} (press Ctrl-C to stop)", flush=True)
            code = server.wait()
            raise BadInput(f"MLflow's server exited with code {code}: {_read_last_line(output)}")
        except KeyboardInterrupt:
            return
        finally:
            _end_server(server)


def _build_server_command(out: Path, port: int) -> list[str]:
    command = [sys.executable, "-m", "mlflow", "server", "--host", SERVER_HOST, "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", choose_tracking_uri(out), "--uvicorn-opts", "--log-level warning"]
    artifacts = choose_artifacts_uri(out)
    return [*command, "--artifacts-destination", artifacts] if artifacts else command


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((SERVER_HOST, port))
        except OSError as error:
            raise BadInput(f"port {port} at {SERVER_HOST}: {error.strerror}; choose another with --port") from None


def _await_server(server: "subprocess.Popen[bytes]", port: int) -> None:
    """Return once the server answers or has ended."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while server.poll() is None:
        try:
            with urlopen(f"http://{SERVER_HOST}:{port}/health", timeout=5):
                return
        except (URLError, OSError):
            if time.monotonic() > deadline:
                raise BadInput(f"MLflow's server did not answer within {PATIENCE_SECONDS} s") from None
            time.sleep(0.2)


def _end_server(server: "subprocess.Popen[bytes]") -> None:
    """End the server and its workers, which share its process group or, on Windows, its process tree."""
    if not hasattr(os, "killpg"):
        subprocess.run(("taskkill", "/pid", str(server.pid), "/t", "/f"), capture_output=True)
        server.wait()
        return
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, signal_number)
            server.wait(timeout=10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _read_last_line(output: IO[str]) -> str:
    output.seek(0)
    return (output.read().strip().splitlines() or ["no output"])[-1]
