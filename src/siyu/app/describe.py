"""Every setting with its meaning, type, default, value and origin: derived from the models, never written twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of siyu.toml. ``path`` is dotted; ``[]`` stands for each entry of a list of tables."""

    path: str
    meaning: str
    kind: str
    default: str


def settings_of(model: type[BaseModel], path: str = "") -> Iterator[Setting]:
    """All settings under ``model``, depth first, in the order they are declared."""
    for name, field in model.model_fields.items():
        shown = field.alias or name
        here = f"{path}.{shown}" if path else shown
        inner, many = _model_in(field.annotation)
        if inner is not None:
            yield from settings_of(inner, here + ("[]" if many else ""))
        else:
            yield Setting(here, field.description or "", _kind(field.annotation), _default(field))


_VALIDATORS = re.compile(r"(?:typing\.)?Annotated\[(?=[^\]]*Validator)|, \w+Validator\([^)]*\)\]")
"""What checks a value is no part of its type."""


def _model_in(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model an annotation holds, and whether it holds many."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    many = get_origin(annotation) in (tuple, list, dict)
    for part in get_args(annotation):
        found, _ = _model_in(part)
        if found is not None:
            return found, many
    return None, False


def _kind(annotation: Any) -> str:
    text = getattr(annotation, "__name__", None) if isinstance(annotation, type) and not get_args(annotation) else None
    plain = _VALIDATORS.sub("", text or str(annotation))
    for noise in ("typing.", "datetime.", "pathlib.", "collections.abc."):
        plain = plain.replace(noise, "")
    return plain


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return ""
    return "" if value is None else str(value)


def values_of(settings: BaseModel, path: str = "") -> Iterator[tuple[str, object]]:
    """Dotted path and value of every leaf; secrets are masked."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        here = f"{path}.{name}" if path else name
        yield from _leaves(value, here)


def _leaves(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, BaseModel):
        yield from values_of(value, path)
    elif isinstance(value, (tuple, list)) and any(isinstance(item, BaseModel) for item in value):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}.{index}")
    elif isinstance(value, dict) and any(isinstance(item, BaseModel) for item in value.values()):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}")
    else:
        yield path, "********" if isinstance(value, SecretStr) else value


def markdown(model: type[BaseModel]) -> str:
    """The reference page of the settings."""
    lines = [
        "# Settings",
        "",
        "Every key of `siyu.toml`. Derived from the code; a test holds this page to it. Unknown keys are refused;",
        "`siyu doctor` shows where each value comes from. `SIYU_SECTION__KEY=value` overrides a key.",
    ]
    section = None
    for setting in settings_of(model):
        head, _, rest = setting.path.partition(".")
        if head != section:
            section = head
            lines += ["", f"## {head}", "", "| key | meaning | type | default |", "|---|---|---|---|"]
        cells = (f"`{rest or head}`", setting.meaning, f"`{setting.kind}`", setting.default)
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
