"""Looks into a shop's files and proposes how to read them: whose they are, in what format, and which column means what.

A proposal is a beginning, written into siyu.toml for a person to read: nothing is imported by it.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

import pyarrow.parquet as pq

from siyu.app.column_words import EVENTS, NEEDED, PEOPLE, PRODUCTS
from siyu.catalogue import CatalogueSettings
from siyu.catalogue.feeds.recognising import recognised
from siyu.domain.errors import InputError
from siyu.files import SourceFile, find, opened
from siyu.files.forms import TextForm
from siyu.files.json_rows import objects
from siyu.files.opening import first_lines

_SAMPLES = 50
_FORMS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%Y年%m月%d日 %H:%M",
    "%Y%m%d%H%M%S",
    "%Y/%m/%d",
    "%d/%m/%Y",
    "%Y%m%d",
)
_OFFSET = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})$")


@dataclass(frozen=True, slots=True)
class Proposal:
    """How one file would be read.

    Attributes:
        kind: ``people``, ``catalogue`` or ``events``; empty where it cannot be told.
        settings: keys of its section, beside its name and path, as they would stand in siyu.toml.
        unmapped: its columns that mean nothing to us, or not yet.
        missing: fields that it would need and does not seem to have.
    """

    path: str
    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def propose(path: str, *, currency: str, timezone: str) -> Proposal:
    """Look into the file (or the first of a glob) and say how to read it.

    Raises:
        InputError: there is no such file, or it cannot be read.
    """
    file = find([path])[0]
    encoding, delimiter = _written(file)
    form = {key: value for key, value in (("encoding", encoding), ("delimiter", delimiter)) if value}
    source = CatalogueSettings.model_validate({"name": "look", "paths": (path,), **form})
    kind = recognised(file, source)
    if kind in ("google", "google_xml", "shopify"):
        constants = {"constants": {"currency": currency}} if kind == "shopify" else {}
        return Proposal(path, "catalogue", {"format": kind, "coverage": "full", **form, **constants})
    rows = _rows(file, kind, source.form)
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    call = _calls(rows)
    if call:
        return Proposal(path, "events", {"format": call, **form})
    return _mapped(path, names, rows, form, {"currency": currency, "timezone": timezone})


def _written(file: SourceFile) -> tuple[str, str]:
    """Encoding and delimiter where they are not the usual ones."""
    if file.path.suffix == ".parquet":
        return "", ""
    encoding = ""
    for _ in range(2):
        try:
            with opened(file, TextForm(encoding=encoding or "utf-8")) as text:
                head = "".join(first_lines(text, 1))
            break
        except InputError as error:
            suggested = error.facts.get("encoding")
            if encoding or not isinstance(suggested, str):
                raise
            encoding = suggested
    signs = {sign: head.count(sign) for sign in ",;\t|"} if not head.lstrip().startswith(("{", "[", "<")) else {}
    best = max(signs, key=lambda sign: signs[sign], default=",")
    return encoding, best if signs and signs[best] and best != "," else ""


def _rows(file: SourceFile, kind: str, form: TextForm) -> list[dict[str, Any]]:
    if kind == "parquet":
        table = next(pq.ParquetFile(file.path).iter_batches(_SAMPLES), None)
        return table.to_pylist() if table is not None else []
    if kind == "jsonl":
        words = [
            word for table in (PEOPLE, PRODUCTS, EVENTS) for ours, others in table.items() for word in (ours, *others)
        ]
        found = next(iter(objects(file, form, words)), ([], []))[0]
        return [row for _, _, row in found[:_SAMPLES]]
    with opened(file, form) as text:
        lines = list(islice(csv.reader(first_lines(text, _SAMPLES), delimiter=form.parted(file.path)), _SAMPLES))
    names = [name.strip() for name in lines[0]] if lines else []
    return [dict(zip(names, line, strict=False)) for line in lines[1:]] or [dict.fromkeys(names)]


def _calls(rows: Sequence[Mapping[str, Any]]) -> str:
    """The name of an event format that is told by its keys; empty for none."""
    if rows and all("event_name" in row and "event_timestamp" in row for row in rows):
        return "ga4"
    calls = {"track", "identify", "page", "screen", "alias", "group"}
    told = [str(row.get("type", "")).lower() in calls and ("messageId" in row or "userId" in row) for row in rows]
    return "segment" if told and all(told) else ""


def _mapped(
    path: str,
    names: tuple[str, ...],
    rows: Sequence[Mapping[str, Any]],
    form: Mapping[str, str],
    given: Mapping[str, str],
) -> Proposal:
    tables = {"people": PEOPLE, "catalogue": PRODUCTS, "events": EVENTS}
    fits = {kind: _columns(names, words) for kind, words in tables.items()}
    score = {kind: (len(NEEDED[kind] & found.keys()) == len(NEEDED[kind]), len(found)) for kind, found in fits.items()}
    kind = max(score, key=lambda name: score[name])
    if not any(NEEDED[kind] & fits[kind].keys()):
        return Proposal(path, "", unmapped=names)
    columns = fits[kind]
    settings: dict[str, Any] = {**form}
    renamed = {ours: theirs for ours, theirs in columns.items() if ours != theirs}
    if renamed:
        settings["columns"] = renamed
    if kind != "people":
        settings |= _constants(kind, columns, given["currency"])
        settings |= _times(columns.get("ts" if kind == "events" else "observed_at", ""), rows, given["timezone"])
    left = tuple(name for name in names if name not in columns.values())
    if kind == "catalogue" and left:
        settings["attributes"] = {name: name for name in left if len(name) <= 60}
    return Proposal(path, kind, settings, left, tuple(sorted(NEEDED[kind] - columns.keys())))


def _columns(names: Sequence[str], words: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Our field to the file's column: spelled as ours, or by one of the words for it, the first of them first."""
    plain = {re.sub(r"[\s_./()（）-]+", "", name).lower(): name for name in reversed(names)}
    found: dict[str, str] = {}
    for ours, others in words.items():
        for word in (ours, *others):
            theirs = plain.get(re.sub(r"[\s_./()（）-]+", "", word).lower())
            if theirs is not None and theirs not in found.values():
                found[ours] = theirs
                break
    return found


def _constants(kind: str, columns: Mapping[str, str], currency: str) -> dict[str, Any]:
    constants = {}
    priced = {"price", "unit_price", "total"} & columns.keys()
    if priced and "currency" not in columns:
        constants["currency"] = currency
    if kind == "events" and "kind" not in columns:
        constants["kind"] = "purchase" if priced or "order_id" in columns else "browse"
    return {"constants": constants} if constants else {}


def _times(column: str, rows: Sequence[Mapping[str, Any]], timezone: str) -> dict[str, Any]:
    told = [str(row[column]).strip() for row in rows if column and row.get(column) not in (None, "")]
    if not told:
        return {}
    if all(isinstance(row.get(column), datetime) for row in rows) or all(
        re.fullmatch(r"\d{9,13}", one) for one in told
    ):
        return {}
    if all(_OFFSET.search(one) for one in told):
        return {}
    form = next((one for one in _FORMS if all(_is(text, one) for text in told)), "")
    iso = form.startswith("%Y-%m-%d") or not form
    return {"timezone": timezone} if iso else {"time_formats": [form], "timezone": timezone}


def _is(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)  # noqa: DTZ007 - only whether it fits
    except ValueError:
        return False
    return True


def toml(proposals: Sequence[Proposal]) -> str:
    """Sections of siyu.toml for what was recognised; the rest as comments."""
    lines: list[str] = []
    people = [one for one in proposals if one.kind == "people"]
    if people:
        lines += ["[people]", f"files = {_value([one.path for one in people])}"]
        lines += [f"{key} = {_value(value)}" for key, value in people[0].settings.items() if key == "columns"]
        lines.append("")
    for kind in ("catalogue", "events"):
        for number, one in enumerate([one for one in proposals if one.kind == kind], 1):
            lines += [
                f"[[{kind}]]",
                f'name = "{kind if number == 1 else f"{kind}-{number}"}"',
                f"paths = [{_value(one.path)}]",
            ]
            lines += [f"{key} = {_value(value)}" for key, value in one.settings.items()]
            lines += [f"# missing: {', '.join(one.missing)}"] if one.missing else []
            lines += [f"# not read: {', '.join(one.unmapped)[:300]}"] if one.unmapped and kind == "events" else []
            lines.append("")
    lines += [
        f"# What {_value(one.path)} holds could not be told; its columns: {', '.join(one.unmapped)[:300]}"
        for one in proposals
        if not one.kind
    ]
    return "\n".join(line.replace("\n", " ").replace("\r", " ") for line in lines).strip() + "\n"


def _value(value: Any) -> str:
    """A TOML value: JSON's strings and lists are TOML's, its objects become inline tables."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)
