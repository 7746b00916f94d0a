"""Fixtures every test may use."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from siyu.domain.clock import FixedClock
from siyu.engine.embedded import EmbeddedEngine

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data sets; the test is skipped, with the reason, where it is absent."""
    folder = Path(os.environ.get("SIYU_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("real data sets are absent: set SIYU_DATA to their folder")
    return folder


@pytest.fixture
def engine(tmp_path: Path) -> EmbeddedEngine:
    """An embedded engine over an empty folder."""
    return EmbeddedEngine(tmp_path / "tables", memory="1GB", threads=1)


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at noon UTC on 1 June 2026."""
    return FixedClock(datetime(2026, 6, 1, 12, tzinfo=UTC))
