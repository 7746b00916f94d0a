"""Rows of ``MESSAGES``, column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from siyu.copywriting.claims import CLAIMED
from siyu.copywriting.filled import PARTS, WORD, said
from siyu.domain.copy import Finding
from siyu.domain.ids import SEPARATOR, stable_ids
from siyu.engine.schemas import MESSAGES

_KINDS = {"parts": PARTS, "facts": CLAIMED, "items": pa.list_(WORD), "findings": MESSAGES.field("findings").type}
_APART = ("message_id", "person")  # of which no two are alike


def _kind(field: pa.Field) -> pa.DataType:
    known = _KINDS.get(field.name)
    return known or (WORD if pa.types.is_string(field.type) and field.name not in _APART else field.type)


WRITTEN: Final = pa.schema([(field.name, _kind(field)) for field in MESSAGES])
"""``MESSAGES`` with each distinct text once, as its rows are made."""


class Outcome(NamedTuple):
    """What became of a message."""

    status: str
    variant: str | None
    propensity: float | None
    findings: Sequence[Finding] = ()


def rows(
    batch: pa.RecordBatch, outcomes: Sequence[Outcome], told: Mapping[str, pa.Array], *, about: tuple[str, int, str]
) -> pa.RecordBatch:
    """Rows of :data:`WRITTEN` for rows of ``sql/relations.sql``.

    Args:
        told: columns ``parts`` and ``facts``.
        about: campaign, step and channel.
    """
    campaign, step, channel = about
    size, people = batch.num_rows, batch.column("person")
    names = [f"{campaign}{SEPARATOR}{step}{SEPARATOR}{person}{SEPARATOR}{channel}" for person in people.to_pylist()]
    status, variant, propensity, findings = zip(*outcomes, strict=True) if outcomes else ((), (), (), ())
    made: dict[str, pa.Array] = {
        "message_id": pa.array(stable_ids(names), pa.string()),
        "campaign": _same(campaign, size),
        "step": pa.repeat(pa.scalar(step, pa.int32()), size),
        "person": people,
        "channel": _same(channel, size),
        "status": said(status),
        "items": _words(batch.column("items")),
        "variant": said(variant),
        "propensity": pa.array(propensity, pa.float64()),
        "findings": pa.array([list(map(_plain, found)) for found in findings], _KINDS["findings"]),
        **{name: batch.column(name).dictionary_encode() for name in ("language", "item", "brief_id")},
        **{
            name: pc.fill_null(batch.column(name), "").dictionary_encode()
            for name in ("angle_facet", "angle_value", "reason")
        },
        **told,
    }
    return pa.RecordBatch.from_arrays([made[field.name].cast(field.type) for field in WRITTEN], schema=WRITTEN)


def _same(text: str, size: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), size), pa.array([text]))


def _words(lists: pa.ListArray) -> pa.ListArray:
    """Lists of texts, none of them missing."""
    lengths = pc.coalesce(lists.value_lengths(), pa.scalar(0, pa.int32()))
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())])
    return pa.ListArray.from_arrays(offsets, lists.flatten().dictionary_encode())


def _plain(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule, "severity": str(finding.severity), "part": finding.part, "start": finding.start,
        "end": finding.end, "excerpt": finding.excerpt, "confidence": finding.confidence, "source": finding.source,
        "remedy": finding.remedy,
    }  # fmt: skip
