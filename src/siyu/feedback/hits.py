"""Tracking hits as they come from the web server: links with signed tokens, checked one distinct token at a time."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pa_json

from siyu.domain.errors import InputError, NotPermittedError
from siyu.domain.kinds import EventKind

PURPOSES: Final = (
    EventKind.OPEN,
    EventKind.CLICK,
    EventKind.UNSUBSCRIBE,
    EventKind.COMPLAINT,
    EventKind.FEEDBACK,
)
"""Purposes of tokens that tell what became of a message: ``<host>/<purpose>/<token>``."""

RAW: Final = pa.schema(
    [
        ("url", pa.string()),  # whole link, or its path; only the last two parts are read
        ("ts", pa.timestamp("us")),  # UTC
        ("user_agent", pa.string()),
        ("method", pa.string()),  # GET (default) or POST: a GET never unsubscribes
        ("rating", pa.float64()),  # feedback only, 1 to 5
        ("text", pa.string()),  # feedback only, already scrubbed
    ]
)
"""Columns of a hit; ``url`` and ``ts`` are needed, the others may be missing."""

VERIFIED: Final = pa.schema(
    [
        ("hit", pa.int64()),
        ("purpose", pa.string()),
        ("message_id", pa.string()),
        ("item", pa.string()),  # empty on a click: the honeypot
        ("ts", pa.timestamp("us")),
        ("agent", pa.string()),
        ("is_post", pa.bool_()),
        ("is_robot", pa.bool_()),
        ("is_proxy", pa.bool_()),
        ("rating", pa.float64()),
        ("text", pa.string()),
    ]
)


class Verifier(Protocol):
    """Takes tokens back (:class:`siyu.privacy.tokens.TokenSigner`)."""

    def verify(self, purpose: str, token: str) -> tuple[str, ...]:
        """The fields of ``token``; raises NotPermittedError for a forged one."""
        ...


def read_jsonl(path: Path) -> pa.Table:
    """Hits of a JSONL file, one object a line with the columns of :data:`RAW`; unknown ones are ignored.

    Raises:
        InputError: a line is no JSON object, or a column is of another type.
    """
    if not path.stat().st_size:
        return RAW.empty_table()
    try:
        return pa_json.read_json(
            path, parse_options=pa_json.ParseOptions(explicit_schema=RAW, unexpected_field_behavior="ignore")
        )
    except pa.ArrowInvalid as error:
        raise InputError(
            f"Hits in {path.name} cannot be read.",
            why=str(error).splitlines()[0],
            next_step="Write one JSON object a line, with url, ts (UTC), user_agent and method.",
            file=path.name,
        ) from error


def verify(raw: pa.Table, verifier: Verifier) -> tuple[pa.Table, int]:
    """The hits whose token is genuine (schema :data:`VERIFIED`), and how many were not."""
    hits = _shaped(raw)
    links = hits["url"].combine_chunks().dictionary_encode()
    fields = [_fields(link, verifier) for link in links.dictionary.to_pylist()]
    good = pc.and_(pc.is_in(links.indices, value_set=_genuine(fields)), hits["ts"].is_valid())
    kept, index = hits.filter(good), links.indices.filter(good.combine_chunks() if good.num_chunks else good)
    agent = pc.utf8_lower(pc.utf8_trim_whitespace(pc.fill_null(kept["user_agent"], "")))
    columns = {
        "hit": pa.array(range(kept.num_rows), pa.int64()),
        **_taken(fields, index),
        "ts": kept["ts"],
        "agent": agent,
        "is_post": pc.equal(pc.utf8_upper(pc.fill_null(kept["method"], "GET")), "POST"),
        "is_robot": pc.or_(_matches(agent, "robots"), pc.equal(agent, "")),
        "is_proxy": _matches(agent, "proxies"),
        "rating": kept["rating"],
        "text": kept["text"],
    }
    return pa.table(columns).cast(VERIFIED), hits.num_rows - kept.num_rows


def _shaped(raw: pa.Table) -> pa.Table:
    if not {"url", "ts"} <= set(raw.column_names):
        raise InputError(
            "Hits cannot be read.",
            why="They need the columns url and ts.",
            next_step="Add them.",
            columns=raw.column_names,
        )
    missing = pa.nulls(raw.num_rows)
    return pa.table([raw[name] if name in raw.column_names else missing for name in RAW.names], names=RAW.names).cast(
        RAW
    )


def _fields(link: str | None, verifier: Verifier) -> tuple[str, str, str] | None:
    """(purpose, message id, item) of a genuine link; ``None`` for any other."""
    parts = (link or "").split("?")[0].split("#")[0].rstrip("/").split("/")
    purpose, token = (parts[-2], parts[-1]) if len(parts) >= 2 else ("", "")
    if purpose not in PURPOSES:
        return None
    try:
        found = verifier.verify(purpose, token)
    except NotPermittedError:
        return None
    return purpose, found[0], found[1] if len(found) > 1 else ""


def _genuine(fields: list[tuple[str, str, str] | None]) -> pa.Array:
    return pa.array([index for index, found in enumerate(fields) if found], pa.int32())


def _taken(fields: list[tuple[str, str, str] | None], index: pa.Array) -> Mapping[str, pa.Array]:
    columns = ("purpose", "message_id", "item")
    values = [pa.array([found[place] if found else None for found in fields], pa.string()) for place in range(3)]
    return {name: value.take(index) for name, value in zip(columns, values, strict=True)}


@cache
def _pattern(kind: str) -> str:
    known = tomllib.loads(files("siyu.feedback").joinpath("agents.toml").read_text("utf-8"))
    return "|".join(f"(?:{pattern})" for pattern in known[kind])


def _matches(agent: pa.ChunkedArray, kind: str) -> pa.ChunkedArray:
    return pc.match_substring_regex(agent, _pattern(kind))
