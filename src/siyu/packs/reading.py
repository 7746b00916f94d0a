"""Reads the TOML files of the packs."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from siyu.domain.errors import MissingDataError


def _at(path: tuple[str, ...]) -> Traversable:
    found: Traversable = files("siyu.packs")
    for part in path:
        found = found / part
    return found


@cache
def read(*path: str) -> dict[str, Any]:
    """The TOML file ``packs/<path>.toml`` as a dictionary; it is cached, so do not change what it returns.

    Raises:
        MissingDataError: there is no such file.
    """
    place = _at((*path[:-1], f"{path[-1]}.toml"))
    if not place.is_file():
        raise MissingDataError(
            f"There is no pack {'/'.join(path)}.",
            why="No such file ships with this version.",
            next_step=f"Known beside it: {', '.join(names(*path[:-1])) or 'none'}.",
        )
    return tomllib.loads(place.read_text("utf-8"))


def names(*path: str) -> list[str]:
    """Names under ``packs/<path>``: folders, and TOML files without their suffix, sorted."""
    place = _at(path)
    if not place.is_dir():
        return []
    found = (entry.name.removesuffix(".toml") for entry in place.iterdir() if not entry.name.startswith(("_", ".")))
    return sorted(name for name in found if not name.endswith((".py", ".pyc")))
