"""Public data sets to evaluate on, one a file; read where they lie, never copied into a project."""

from siyu.app.benchmarks.table import BENCHMARKS

__all__ = ["BENCHMARKS"]
