"""``s3://`` against a server that speaks S3, on loopback: what is read, and what each failure says."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import fsspec.config
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from siyu.catalogue import CatalogueSettings, import_products
from siyu.domain.clock import FixedClock
from siyu.domain.errors import InputError, MissingExtraError
from siyu.engine.embedded import EmbeddedEngine
from siyu.events import SourceSettings, import_events
from siyu.files import TextForm, find, opened, remote

from ..events.conftest import encrypt, pseudonymise

moto_server = pytest.importorskip("moto.server", reason="needs moto[server]")
boto3 = pytest.importorskip("boto3", reason="needs moto[server]")
s3fs = pytest.importorskip("s3fs", reason="needs s3fs")

ROWS = {"user_id": ["u"], "kind": ["browse"], "ts": ["2026-05-01"], "item": ["a"]}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    running = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    given = {
        "FSSPEC_S3_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    options = {"endpoint_url": given["FSSPEC_S3_ENDPOINT_URL"], "config_kwargs": {"retries": {"max_attempts": 0}}}
    monkeypatch.setitem(fsspec.config.conf, "s3", options)
    s3fs.S3FileSystem.clear_instance_cache()
    yield running
    running.stop()
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture
def bucket(server: Any) -> Any:
    host, port = server.get_host_and_port()
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}")
    client.create_bucket(Bucket="shop")

    def put(name: str, data: bytes) -> None:
        client.put_object(Bucket="shop", Key=name, Body=data)

    return put


def parquet(rows: dict[str, list[str]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(rows), sink)
    return sink.getvalue()


def test_products_and_events_of_a_bucket(bucket: Any, engine: EmbeddedEngine, clock: FixedClock) -> None:
    bucket("目录/products 1.csv.gz", gzip.compress("item,title,price,currency\na,杯子,9,CNY\n".encode()))
    products = CatalogueSettings(name="shop", paths=("s3://shop/目录/*.csv.gz",))
    assert import_products(engine, products, clock=clock).products == 1
    bucket("day/1.parquet", parquet(ROWS))
    source = SourceSettings(name="web", paths=("s3://shop/day/*.parquet",))
    report = import_events(engine, source, pseudonymise=pseudonymise, encrypt=encrypt, clock=clock)
    assert (report.files, report.accepted) == (("1.parquet",), 1)
    bucket("day/2.parquet", parquet(ROWS | {"ts": ["2026-05-02"]}))  # a listing that was made is not the last word
    again = import_events(engine, source, pseudonymise=pseudonymise, encrypt=encrypt, clock=clock)
    assert (again.skipped, again.files, again.accepted) == (("1.parquet",), ("2.parquet",), 1)


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("s3://shop/day/2.csv", "Nothing has that name"),
        ("s3://shop/day/*.parquet", "Nothing has that name"),
        ("s3://nobody/day/*.csv", "no bucket 'nobody'"),
        ("s3://nobody/1.csv", "no bucket 'nobody'"),
    ],
)
def test_what_is_not_there(bucket: Any, uri: str, said: str) -> None:
    bucket("day/1.csv", b"a\n1\n")
    with pytest.raises(InputError, match=said) as caught:
        find([uri])
    assert uri in caught.value.what
    assert caught.value.next_step


def test_credentials_that_are_missing(bucket: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(InputError, match="credentials") as caught:
        find(["s3://shop/day/*.csv"])
    assert caught.value.retry


def test_a_server_that_is_gone(bucket: Any, server: Any) -> None:
    bucket("day/1.csv", b"a\n1\n")
    (file,) = find(["s3://shop/day/1.csv"])
    server.stop()
    with pytest.raises(InputError, match=r"s3://shop/day/1.csv cannot be read") as caught, opened(file, TextForm()):
        pass
    assert caught.value.retry
    with pytest.raises(InputError, match="cannot be read"):
        find(["s3://shop/day/*.csv"])


def test_without_its_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(remote, "import_module", absent)
    with pytest.raises(MissingExtraError, match=r"pip install 'siyu\[s3\]'"):
        find(["s3://shop/a.csv"])
