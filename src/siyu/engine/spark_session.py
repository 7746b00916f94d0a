"""Opens a session on any Spark through the Spark Connect client; starts a driver where only a master is given."""

from __future__ import annotations

import importlib.util
import os
import re
import socket
import sys
import tempfile
import warnings
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

from siyu.domain.errors import MissingExtraError, SettingsError, StorageError
from siyu.engine.spark_options import SparkOptions

_EXTRA = ("pyspark", "grpc", "grpc_status", "pandas", "sqlglot")

_SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.ansi.enabled": "true",
}
"""What makes Spark mean by a moment what the datasets mean, and fail where DuckDB fails."""

_DRIVER = {
    "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}

_PORT = 15002
_PATIENCE = 10.0
_RETRIES = 6
"""About a minute in all; the client's own default is ten."""

_drivers: dict[str, str] = {}
"""Connect addresses of the drivers this process has started, by master: a process has one Java machine."""


def open_session(options: SparkOptions, *, memory: str, threads: int) -> Any:
    """A session of its own: its views and settings are nobody else's.

    Raises:
        MissingExtraError: the extra ``spark`` is not installed.
        SettingsError: Spark refuses one of the settings.
        StorageError: Spark cannot be reached or started.
    """
    _require_extra()
    address = options.url if options.url.startswith("sc://") else _driver(options, memory, threads)
    session = _connected(address, options)
    for name, value in {**_SESSION, **_settable(options)}.items():
        session.conf.set(name, value)
    if options.ship:
        _ship(session)
    return session


def _require_extra() -> None:
    missing = [name for name in _EXTRA if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"The engine 'spark' needs the package {missing[0]!r}.",
            why="It is not installed.",
            next_step="Install it: pip install 'siyu[spark]'",
            name="spark",
        )


def _connected(address: str, options: SparkOptions) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about versions of pandas, which we do not use
        sessions = import_module("pyspark.sql.connect.session")
    retries = import_module("pyspark.sql.connect.client.retries")
    given = f"{address}{'' if '/' in address.removeprefix('sc://') else '/'}"
    if options.token is not None:
        given += f";token={options.token.get_secret_value()}"
    try:
        _knock(address)
        session = sessions.SparkSession.builder.remote(given).create()
        session.client.set_retry_policies([retries.DefaultPolicy(max_retries=_RETRIES)])
        _ = session.version  # the first call that goes over the wire
    except Exception as error:
        raise StorageError(
            f"Spark at {address.partition(';')[0]} cannot be used.",
            why=str(error).splitlines()[0][:300],
            next_step='Start it, or correct url under [engines.spark]; [engine] kind = "embedded" needs none.',
            retry=True,
        ) from error
    return session


def _knock(address: str) -> None:
    """Fail at once where nobody listens: the client would go on trying for ten minutes."""
    found = re.match(r"sc://(\[[^\]]+\]|[^:/;]+)(?::(\d+))?", address)
    if found:
        socket.create_connection((found[1].strip("[]"), int(found[2] or _PORT)), timeout=_PATIENCE).close()


def _ship(session: Any) -> None:
    try:
        session.addArtifacts(str(_packed()), pyfile=True)
    except Exception as error:
        raise SettingsError(
            "This Spark takes no code of ours.",
            why=str(error).splitlines()[0][:300],
            next_step="Install Siyu where Spark runs Python, and set ship = false under [engines.spark].",
        ) from error


def _settable(options: SparkOptions) -> dict[str, str]:
    """Settings of the session; those of a driver were given when it started."""
    return {name: value for name, value in options.config.items() if name.startswith("spark.sql.")}


def _driver(options: SparkOptions, memory: str, threads: int) -> str:
    """Start a driver with a Connect server on loopback; returns its address."""
    master = options.url
    if master in ("local", "local[*]") and threads:
        master = f"local[{threads}]"
    if master not in _drivers:
        if _drivers:
            raise SettingsError(
                f"A driver for {next(iter(_drivers))} runs in this process already.",
                why=f"{master} would be a second one, and a process has one Java machine.",
                next_step="Use one url in a process.",
            )
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # workers run this Python
        port = _free_port()
        token = uuid4().hex
        settings = {
            **_DRIVER,
            **(
                {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"} if _is_local(master) else {}
            ),
            "spark.driver.memory": _java_memory(memory),
            "spark.connect.grpc.binding.port": str(port),
            "spark.connect.authenticate.token": token,
            **options.config,
        }
        _start(master, settings)
        # The client trusts this name without TLS. The token stands in the address, not in the environment: there it
        # would be sent to every other server too.
        _drivers[master] = f"sc://localhost:{port}/;token={token}"
    return _drivers[master]


def _start(master: str, settings: dict[str, str]) -> None:
    spark = import_module("pyspark")
    conf = spark.SparkConf(loadDefaults=True).setMaster(master).setAppName("siyu")
    for name, value in settings.items():
        conf = conf.set(name, value)
    try:
        spark.SparkContext.getOrCreate(conf).setLogLevel("ERROR")
    except Exception as error:
        raise StorageError(
            f"Spark could not be started for {master}.",
            why=str(error).splitlines()[0][:300],
            next_step="Install Java 17 or 21 (apt-get install openjdk-17-jre-headless) and set JAVA_HOME where several "
            "are installed, or set url to a Spark Connect server (sc://host:15002).",
        ) from error


def _is_local(master: str) -> bool:
    return master.startswith("local") or bool(re.match(r"spark://(127\.0\.0\.1|localhost)[:,]", master))


def _java_memory(memory: str) -> str:
    """Our size as Java's.

    Example:
        >>> _java_memory("1500MB"), _java_memory("1.5GB")
        ('1500m', '1500m')
    """
    number, unit = re.fullmatch(r"([\d.]+)([KMGT])B", memory).groups()  # type: ignore[union-attr]
    megabytes = float(number) * {"K": 0.001, "M": 1, "G": 1000, "T": 1_000_000}[unit]
    return f"{max(512, int(megabytes))}m"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _packed() -> Path:
    """Siyu's own modules as an archive that Python imports from."""
    package = Path(__file__).resolve().parent.parent
    target = Path(tempfile.mkdtemp(prefix="siyu-code-")) / "siyu.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(package.rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                archive.write(file, Path("siyu") / file.relative_to(package))
    return target
