"""Fixtures every test may use."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from siyu.domain.clock import FixedClock
from siyu.engine.embedded import EmbeddedEngine

settings.register_profile("siyu", deadline=None)  # first calls load models and compile patterns
settings.load_profile("siyu")

_SERVERS: list[Any] = []

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


@pytest.fixture(scope="session")
def sail() -> dict[str, object]:
    """Options of the engine on a Spark Connect server without Java (Sail), one for each process of tests."""
    os.environ.setdefault("RUST_LOG", "error")
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    _SERVERS.append(server)  # up to the end of the process, for its clients say goodbye there
    return {"url": f"sc://{host}:{port}"}


@pytest.fixture(scope="session")
def java_spark() -> dict[str, object]:
    """Options of the engine on Apache Spark itself: a driver of two threads, started once, tuned for few rows."""
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None:
        pytest.skip("Apache Spark needs Java 17 or 21: apt-get install default-jre-headless")
    config = {
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.codegen.wholeStage": "false",  # compiling a query takes longer than running it on few rows
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    }
    return {"url": "local[2]", "config": config}


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at noon UTC on 1 June 2026."""
    return FixedClock(datetime(2026, 6, 1, 12, tzinfo=UTC))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Where skips are forbidden (SIYU_FORBID_SKIPS=1, as in CI) a skipped test is a failed one."""
    outcome: Any = yield
    report = outcome.get_result()
    if os.environ.get("SIYU_FORBID_SKIPS") == "1" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and skips are forbidden here: {report.longrepr}"
