"""Fixtures used by more than one folder."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder with ``samples/`` and ``published/``, or a skip that says why."""
    folder = os.environ.get("FS_RISK_SAMPLES")
    if not folder:
        pytest.skip("FS_RISK_SAMPLES is not set: the public sample files are not at hand")
    path = Path(folder).resolve()
    if not (path / "samples").is_dir():
        pytest.skip("FS_RISK_SAMPLES does not hold a folder samples/")
    return path
