"""How a stage tells how far it is: keys and numbers, never sentences of the interface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One report: ``key`` (``import.validate``), ``done`` of ``total`` (0 where it is not known)."""

    key: str
    done: int = 0
    total: int = 0


Progress = Callable[[Step], None]


def silent(step: Step) -> None:
    """A listener that ignores every report."""
