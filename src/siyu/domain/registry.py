"""One visible table of plug-ins per folder: names to dotted paths, loaded when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from siyu.domain.errors import MissingExtraError, SettingsError

T = TypeVar("T")


class Registry(Generic[T]):
    """Plug-ins of one kind, by name.

    Args:
        kind: what they are, for messages ("channel").
        group: entry-point group through which other packages add theirs ("siyu.channels").
        table: built-in names to ``package.module:attribute``; nothing is imported until asked for.

    Example:
        >>> shelf = Registry[type]("number", "siyu.numbers", {"fraction": "fractions:Fraction"})
        >>> shelf.load("fraction").__name__, sorted(shelf)
        ('Fraction', ['fraction'])
    """

    def __init__(self, kind: str, group: str, table: Mapping[str, str]) -> None:
        self.kind = kind
        self._group = group
        self._table = dict(table)

    def _paths(self) -> dict[str, str]:
        found = {point.name: point.value for point in entry_points(group=self._group)}
        return {**found, **self._table}

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._paths()))

    def __contains__(self, name: object) -> bool:
        return name in self._paths()

    def load(self, name: str) -> T:
        """The plug-in called ``name``.

        Raises:
            SettingsError: no plug-in has that name.
            MissingExtraError: it needs a package that is not installed.
        """
        paths = self._paths()
        if name not in paths:
            raise SettingsError(
                f"There is no {self.kind} called {name!r}.",
                why=f"Known: {', '.join(sorted(paths)) or 'none'}.",
                next_step=f"Use one of these, or install a package that offers it under {self._group!r}.",
                name=name,
            )
        module, _, attribute = paths[name].partition(":")
        try:
            found: T = getattr(import_module(module), attribute)
        except ModuleNotFoundError as missing:
            if missing.name and missing.name.split(".")[0] != "siyu":
                raise MissingExtraError(
                    f"The {self.kind} {name!r} needs the package {missing.name!r}.",
                    why="It is not installed.",
                    next_step=f"Install it: pip install 'siyu[{name}]'",
                    name=name,
                ) from missing
            raise
        return found
