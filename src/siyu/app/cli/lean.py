"""What a command does not need stays out of its process."""

from __future__ import annotations

import sys

import pyarrow as pa


class _NoPandas:
    """A finder that says there is none."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def keep_pandas_out() -> None:
    """Let Arrow believe that there is no pandas: where there is, the first list made an array would import it all.

    That costs a command .3 s. No stage uses it; what asks for it by name (pyspark) still gets it.
    """
    if "pandas" in sys.modules:
        return
    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.array([0])  # Arrow looks once, and remembers
    finally:
        sys.meta_path.remove(_NoPandas)
