"""Fixtures shared by many tests: real tables, one trained model and one finished run, each built once."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import polars as pl
import pytest

from features.panel import build_panel
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from models.training.outcomes import Outcome, build_outcome, build_outcome_labels, label_panel
from models.training.train import Model, train_model
from risk.workflows.score import RunResult, run_score

# Test data must not reach a shared registry or a user's ledger.
os.environ.pop("MLFLOW_TRACKING_URI", None)
LEDGER = TemporaryDirectory()
os.environ["RISK_LEDGER"] = LEDGER.name


class FinishedRun(NamedTuple):
    """The folder of a run's outputs and what the run returned."""

    out: Path
    result: RunResult


@pytest.fixture(scope="session")
def published() -> Path:
    """The publishers' own files; tests that read them skip without the folder."""
    folder = os.environ.get("RISK_PUBLISHED_DATA")
    if not folder:
        pytest.skip("RISK_PUBLISHED_DATA names no folder of published files")
    return Path(folder)


@pytest.fixture(scope="session")
def panel() -> pl.DataFrame:
    """The panel of the snapshot profile, from the real snapshot."""
    return build_panel("snapshot", CURRENT_SNAPSHOT)


@pytest.fixture(scope="session")
def observed() -> pl.DataFrame:
    """Every outcome of every state and origin."""
    return build_outcome_labels(CURRENT_SNAPSHOT)


@pytest.fixture(scope="session")
def terror() -> Outcome:
    """State terror as an outcome of the snapshot profile."""
    return build_outcome("state_terror", "snapshot", CURRENT_SNAPSHOT)


@pytest.fixture(scope="session")
def terror_rows(panel: pl.DataFrame, terror: Outcome) -> pl.DataFrame:
    """Panel rows labelled with state terror."""
    return label_panel(panel, terror)


@pytest.fixture(scope="session")
def terror_model(terror_rows: pl.DataFrame, terror: Outcome) -> Model:
    """State terror as it could be forecast in 2005."""
    return train_model(terror_rows, terror, 2005)


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """A run from scratch: no saved models, no earlier outputs."""
    out = tmp_path_factory.mktemp("run") / "out"
    return FinishedRun(out, run_score(out, snapshot=CURRENT_SNAPSHOT))
