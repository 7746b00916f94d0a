"""Options of a feed: each reader declares its own model, and the source's ``options`` are held to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from siyu.domain.errors import SettingsError

if TYPE_CHECKING:
    from siyu.catalogue.settings import CatalogueSettings

Options = TypeVar("Options", bound=BaseModel)


def options(source: CatalogueSettings, model: type[Options]) -> Options:
    """The source's options as ``model``.

    Raises:
        SettingsError: one is unknown or of the wrong kind.
    """
    try:
        return model.model_validate(source.options)
    except ValidationError as error:
        known = ", ".join(model.model_fields)
        problems = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise SettingsError(
            f"The options of source {source.name!r} do not fit its format.",
            why=f"{problems}. Known options: {known}.",
            next_step="Correct [catalogue.options] in siyu.toml.",
        ) from error
