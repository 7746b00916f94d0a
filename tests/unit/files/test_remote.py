"""Files of other stores, over fsspec's own in memory: listed by glob, told apart unread, opened where they lie."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from siyu.app.paths import Paths
from siyu.catalogue import CatalogueSettings, import_products
from siyu.domain.clock import FixedClock
from siyu.domain.errors import InputError, MissingExtraError, SettingsError
from siyu.engine.embedded import EmbeddedEngine
from siyu.events import SourceSettings, import_events
from siyu.files import fetched, find, opened
from siyu.files.forms import TextForm
from siyu.files.opening import raw

from ..events.conftest import encrypt, pseudonymise


@pytest.fixture
def bucket() -> Iterator[fsspec.AbstractFileSystem]:
    store = fsspec.filesystem("memory")
    store.store.clear()
    yield store
    store.store.clear()


def test_globs_names_and_order(bucket: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.txt", "deep/d.csv"):
        bucket.pipe(f"/shop/{name}", b"x")
    (tmp_path / "here.csv").write_text("x", "utf-8")
    found = find(["memory://shop/*.csv", str(tmp_path / "*.csv"), "memory://shop/a.csv", "memory://shop/**/*.csv"])
    assert [file.name for file in found] == ["here.csv", "a.csv", "b.csv", "d.csv"]
    assert [file.uri for file in found[1:3]] == ["memory://shop/a.csv", "memory://shop/b.csv"]
    with pytest.raises(InputError, match="There is no file"):
        find(["memory://shop/*.parquet"])


def test_a_fingerprint_follows_what_the_store_says(bucket: fsspec.AbstractFileSystem) -> None:
    bucket.pipe("/shop/a.csv", b"one")
    first = find(["memory://shop/a.csv"])[0].fingerprint
    assert find(["memory://shop/*.csv"])[0].fingerprint == first
    bucket.pipe("/shop/a.csv", b"two!")
    assert find(["memory://shop/a.csv"])[0].fingerprint != first


def test_text_is_opened_where_it_lies(bucket: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    bucket.pipe("/shop/a.csv.gz", gzip.compress("顾客,商品\n".encode("gb18030")))
    (file,) = find(["memory://shop/a.csv.gz"])
    with opened(file, TextForm(encoding="gb18030")) as text:
        assert text.read() == "顾客,商品\n"
    with raw(file) as plain:
        content = plain.read()
    assert fetched(file, tmp_path).read_bytes() == content
    bucket.rm("/shop/a.csv.gz")
    with pytest.raises(InputError, match="cannot be read"):
        raw(file)


def test_products_and_events_from_a_bucket(
    bucket: fsspec.AbstractFileSystem, engine: EmbeddedEngine, clock: FixedClock
) -> None:
    bucket.pipe("/shop/products.csv", b"item,title,price,currency\na,Mug,9,CNY\n")
    products = CatalogueSettings(name="shop", paths=("memory://shop/products.csv",))
    assert import_products(engine, products, clock=clock).products == 1
    rows = pa.table({"user_id": ["u"], "kind": ["browse"], "ts": ["2026-05-01"], "item": ["a"]})
    buffer = io.BytesIO()
    pq.write_table(rows, buffer)
    bucket.pipe("/shop/day/1.parquet", buffer.getvalue())
    source = SourceSettings(name="web", paths=("memory://shop/day/*.parquet",))
    report = import_events(engine, source, pseudonymise=pseudonymise, encrypt=encrypt, clock=clock)
    assert (report.files, report.accepted) == (("1.parquet",), 1)
    bucket.pipe("/shop/day/2.parquet", buffer.getvalue().replace(b"2026-05-01", b"2026-05-02"))
    again = import_events(engine, source, pseudonymise=pseudonymise, encrypt=encrypt, clock=clock)
    assert (again.skipped, again.files, again.accepted) == (("1.parquet",), ("2.parquet",), 1)
    assert not list(Path(engine.root).glob(".intake/*"))


@pytest.mark.parametrize(
    "uri", ["https://shop.example/feed.xml", "http://169.254.169.254/x", "s3://key:secret@shop/a.csv"]
)
def test_pages_and_passwords_are_refused_unprinted(uri: str) -> None:
    with pytest.raises(SettingsError) as caught:
        find([uri])
    assert "secret" not in str(caught.value)


def test_a_store_without_its_package_says_what_to_install() -> None:
    with pytest.raises((MissingExtraError, SettingsError), match=r"siyu\[s3\]|no store of files"):
        find(["oci://shop/a.csv"])


def test_places_of_other_stores_are_not_looked_for_here(tmp_path: Path) -> None:
    paths = Paths.of(tmp_path, state=".siyu", inputs="in")
    assert paths.expand(("s3://shop/a.csv", "b.csv")) == ("s3://shop/a.csv", str(tmp_path / "in" / "b.csv"))
