"""Unpacking the projects that earlier versions left."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pyarrow as pa

HERE = Path(__file__).parent


def unpacked(folder: Path, layout: int = 1) -> Path:
    """A copy of the project of a layout, in ``folder``."""
    with (
        pa.CompressedInputStream(str(HERE / f"format_{layout}" / "project.tar.zst"), "zstd") as stream,
        tarfile.open(fileobj=stream, mode="r|") as tar,
    ):
        tar.extractall(folder, filter="data")
    (folder / ".siyu" / "keys").chmod(0o700)
    return folder
