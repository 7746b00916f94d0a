"""Reads settings: defaults, then ``siyu.toml``, then environment variables; remembers where each value came from."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from siyu.domain.errors import SettingsError

FILE = "siyu.toml"
PREFIX = "SIYU_"
_RESERVED = frozenset({"SIYU_LANG", "SIYU_DATA", "SIYU_DEBUG", "SIYU_FORBID_SKIPS"})
"""Variables that are not settings: the interface's language, traces of defects, and two that tests use."""

Model = TypeVar("Model", bound=BaseModel)
Origins = dict[str, str]
"""Dotted path of every value that is not a default, to the file or variable it came from."""


def load(model: type[Model], folder: Path, environment: Mapping[str, str]) -> tuple[Model, Origins]:
    """Settings of the project in ``folder``.

    ``SIYU_SEND__RATE=5`` sets ``[send] rate``; values of variables are read as TOML where they parse, else as text.

    Returns:
        The validated settings, and the origin of every value that was given.

    Raises:
        SettingsError: no file, not TOML, an unknown key, or a value of the wrong kind; every problem is named at once.
    """
    path = folder / FILE
    given, origins = _from_file(path)
    for name, text in sorted(environment.items()):
        if name.startswith(PREFIX) and name not in _RESERVED:
            keys = name.removeprefix(PREFIX).lower().split("__")
            _put(given, keys, _toml_value(text))
            origins[".".join(keys)] = f"environment {name}"
    try:
        return model.model_validate(given), origins
    except ValidationError as error:
        raise _explained(error, model, path, origins) from error


def _from_file(path: Path) -> tuple[dict[str, Any], Origins]:
    try:
        given = tomllib.loads(path.read_text("utf-8-sig"))  # editors of Windows begin a file with a mark
    except FileNotFoundError as error:
        raise SettingsError(
            f"There is no {FILE} in {path.parent.resolve()}.",
            why="A project is a folder with that file.",
            next_step="Make one with `siyu init`, or name the folder with --project.",
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text.", why=str(error), next_step="Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML.", why=str(error), next_step="Mend that line.") from error
    return given, dict.fromkeys(_leaves(given), FILE)


def _leaves(value: object, path: str = "") -> list[str]:
    if isinstance(value, Mapping):
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, f"{path}.{key}" if path else key)]
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        return [leaf for index, item in enumerate(value) for leaf in _leaves(item, f"{path}.{index}")]
    return [path]


def _put(target: dict[str, Any], keys: list[str], value: object) -> None:
    for key in keys[:-1]:
        inner = target.setdefault(key, {})
        if not isinstance(inner, dict):
            raise SettingsError(
                f"The variable {PREFIX}{'__'.join(keys).upper()} cannot be applied.",
                why=f"{key!r} is not a table in {FILE}.",
                next_step="Set it in the file instead.",
            )
        target = inner
    target[keys[-1]] = value


def _toml_value(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _explained(error: ValidationError, model: type[BaseModel], path: Path, origins: Origins) -> SettingsError:
    lines = []
    for problem in error.errors(include_url=False):
        where = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            close = difflib.get_close_matches(str(problem["loc"][-1]), _known(model), n=1)
            lines.append(f"{where}: unknown key" + (f", did you mean {close[0]!r}?" if close else ""))
        else:
            lines.append(f"{where}: {problem['msg']}")
        if where in origins and origins[where] != FILE:
            lines[-1] += f" (from {origins[where]})"
    return SettingsError(
        f"{path.name} does not fit: " + "; ".join(lines) + ".",
        next_step="Mend these keys; `siyu doctor --settings` lists every setting with its meaning.",
        problems=lines,
    )


def _known(model: type[BaseModel]) -> list[str]:
    names: list[str] = []
    for name, field in model.model_fields.items():
        names.append(name)
        for inner in _models_in(field.annotation):
            names.extend(_known(inner))
    return names


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]
