"""A file of the archive: Parquet with a person and a sealed record a row, and what is not personal in its metadata."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

FORMAT: Final = 1
FIELD: Final = "ad-archive"
"""What sealed records are bound to, beside the person."""

SCHEMA: Final = pa.schema([("person", pa.string()), ("sealed", pa.binary())])
_ABOUT: Final = b"siyu.archive"


def packed(record: Mapping[str, Any]) -> bytes:
    """A record as bytes to be sealed: JSON, compressed, since nothing compresses afterwards."""
    return zlib.compress(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def unpacked(data: bytes) -> dict[str, Any]:
    """The record that :func:`packed` was given."""
    found: dict[str, Any] = json.loads(zlib.decompress(data))
    return found


def write(path: Path, people: Sequence[str], sealed: Sequence[bytes], about: Mapping[str, Any]) -> str:
    """Write a file whole or not at all; returns the SHA-256 of its bytes."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    told = json.dumps({"format": FORMAT, **about}, ensure_ascii=False, sort_keys=True).encode()
    table = pa.table([pa.array(people, pa.string()), pa.array(sealed, pa.binary())], schema=SCHEMA)
    aside = path.with_suffix(".part")
    pq.write_table(table.replace_schema_metadata({_ABOUT: told}), aside, compression="zstd", use_dictionary=False)
    with aside.open("rb") as written:
        os.fsync(written.fileno())
    digest = digest_of(aside)
    aside.replace(path)
    return digest


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        digest = sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def about(path: Path) -> dict[str, Any]:
    """What is not personal: campaign, moment, pieces by id, law, hash of the file before."""
    found: dict[str, Any] = json.loads(pq.read_schema(path).metadata[_ABOUT])
    return found


def people(path: Path) -> pa.Array:
    """The people of a file, by pseudonym."""
    return pq.read_table(path, columns=["person"])["person"].combine_chunks()


def rows(path: Path) -> Iterator[tuple[str, bytes]]:
    """(person, sealed record) of every row."""
    for batch in pq.ParquetFile(path).iter_batches(5_000):
        yield from zip(batch.column("person").to_pylist(), batch.column("sealed").to_pylist(), strict=True)
