"""Where tables live and bulk work runs: one port, an embedded engine (DuckDB over Parquet) and Spark."""

from siyu.engine.port import Engine, ParquetFiles, Sql
from siyu.engine.table import ENGINES, open_engine

__all__ = ["ENGINES", "Engine", "ParquetFiles", "Sql", "open_engine"]
