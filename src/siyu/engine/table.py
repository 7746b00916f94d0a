"""Engines by name. A new one is one file and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError

from siyu.domain.errors import SettingsError
from siyu.domain.registry import Registry
from siyu.engine.port import Engine, EngineFactory

ENGINES: Registry[EngineFactory] = Registry(
    "engine",
    "siyu.engines",
    {
        "embedded": "siyu.engine.embedded:EmbeddedEngine",
        "spark": "siyu.engine.spark:SparkEngine",
    },
)


def open_engine(
    name: str,
    root: Path,
    *,
    memory: str = "2GB",
    threads: int = 0,
    options: Mapping[str, object] | BaseModel | None = None,
) -> Engine:
    """The engine called ``name`` over the datasets in ``root``.

    Raises:
        SettingsError: there is no such engine, or an option is unknown or of the wrong kind.
        MissingExtraError: it needs a package that is not installed.

    Example:
        >>> import tempfile
        >>> open_engine("embedded", Path(tempfile.mkdtemp())).write("SELECT 1 AS n", "numbers")
        1
    """
    factory = ENGINES.load(name)
    try:
        chosen = (
            options if isinstance(options, factory.Options) else factory.Options.model_validate(dict(options or {}))
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(
            f"The options of engine {name!r} cannot be used.",
            why=f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}.",
            next_step=f"Known options: {', '.join(factory.Options.model_fields) or 'none'}.",
            engine=name,
        ) from error
    return factory(root, memory=memory, threads=threads, options=chosen)
