"""Writers by name. A new one is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from siyu.copywriting.writers.port import Asking, Writer
from siyu.domain.registry import Registry

WRITERS: Registry[Callable[..., Writer]] = Registry(
    "writer",
    "siyu.writers",
    {
        "offline": "siyu.copywriting.writers.offline:OfflineWriter",
        "openai_compatible": "siyu.copywriting.writers.openai_compatible:OpenAICompatibleWriter",
    },
)


def made(name: str, options: Mapping[str, BaseModel | Mapping[str, Any]]) -> Writer:
    """The writer called ``name`` with its own options, where it takes some.

    Raises:
        SettingsError: there is none of that name.

    Example:
        >>> made("offline", {}).name
        'offline'
    """
    factory = WRITERS.load(name)
    model: type[BaseModel] | None = getattr(factory, "Options", None)
    return factory(model.model_validate(options.get(name, {}))) if model else factory()


def signed(writer: Writer) -> str:
    """Name of a writer, and of what else its words depend on."""
    return f"{writer.name}@{writer.version}" if isinstance(writer, Asking) else writer.name
