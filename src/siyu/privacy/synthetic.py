"""Invented people, in the form of a people file, for shops whose data hold no contacts."""

from __future__ import annotations

import re
from hashlib import sha256
from itertools import product

import pyarrow as pa
import pyarrow.compute as pc

from siyu.privacy.pseudonyms import map_distinct
from siyu.privacy.settings import SyntheticPeople

_SAFE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38}[A-Za-z0-9])?")


def invent(external_ids: pa.Array | pa.ChunkedArray, settings: SyntheticPeople) -> pa.Table:
    """A people file (see :mod:`siyu.privacy.people_import`) with an address and consents for each distinct id.

    An id that could not stand in an address is replaced by a hash of it.

    Example:
        >>> table = invent(pa.array(["17850", "张 三"]), SyntheticPeople())
        >>> table.column("email").to_pylist()
        ['17850@example.invalid', 'u9148db1404e35c9c@example.invalid']
    """
    ids = pc.drop_null(pc.unique(external_ids))
    before, _, after = settings.address.partition("{id}")
    emails = map_distinct(ids, lambda raw: f"{before}{_local(raw)}{after}")
    parts = []
    for purpose, channel in product(settings.purposes, settings.channels):
        same = {
            "language": settings.language,
            "timezone": settings.timezone,
            "consent_purpose": purpose,
            "consent_channel": channel,
            "consent_at": settings.consent_at.isoformat(),
            "consent_how": settings.consent_how,
        }
        columns = {name: pa.repeat(pa.scalar(value, pa.string()), len(ids)) for name, value in same.items()}
        parts.append(pa.table({"user_id": ids, "email": emails, **columns}))
    return pa.concat_tables(parts) if parts else pa.table({"user_id": ids, "email": emails})


def _local(raw: str) -> str:
    if _SAFE.fullmatch(raw):
        return raw
    return "u" + sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:16]
