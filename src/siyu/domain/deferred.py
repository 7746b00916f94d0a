"""Names of a package that are imported when they are first asked for: reading settings must not load every stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def deferred(package: str, modules: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """A package's ``__getattr__`` (PEP 562).

    Args:
        package: the package's ``__name__``.
        modules: modules of it, each with the names it gives to the package. No name may be that of a module: importing
            that module would put it in the name's place.

    Example:
        >>> find = deferred("json", {"decoder": ("JSONDecoder",)})
        >>> find("JSONDecoder").__name__
        'JSONDecoder'
    """
    places = {name: module for module, names in modules.items() for name in names}

    def find(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{places[name]}"), name)

    return find
