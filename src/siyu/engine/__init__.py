"""Where tables live and bulk work runs: one port, an embedded engine (DuckDB over Parquet) and, later, Spark."""

from siyu.engine.port import Engine, ParquetFiles, Sql
from siyu.engine.table import ENGINES

__all__ = ["ENGINES", "Engine", "ParquetFiles", "Sql"]
