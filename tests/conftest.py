"""What many tests share: the folder of published files, where there is one."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def published() -> Path:
    """The publishers' own files; tests that read them skip without the folder."""
    folder = os.environ.get("RISK_PUBLISHED_DATA")
    if not folder:
        pytest.skip("RISK_PUBLISHED_DATA names no folder of published files")
    return Path(folder)
