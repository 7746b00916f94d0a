"""What was said about who is who (dataset ``identity``), and what follows from it (dataset ``aliases``).

``identity`` is only ever added to. ``aliases`` is worked out from all of it and written anew when it changes; it is
what :mod:`siyu.engine.resolved` reads. Both hold pseudonyms alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import pyarrow as pa

from siyu.domain.identity import Said, Saying, Word, links, said
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.resolved import ALIASES

IDENTITY: Final = "identity"
SCHEMA: Final = pa.schema(
    [
        ("place", pa.int64()),  # 0, 1, 2 ...: the order in which things were said
        ("word", pa.string()),  # claim | merge | split
        ("alias", pa.string()),
        ("person", pa.string()),  # null: the alias is set free of everyone
        ("at", pa.timestamp("us")),  # of a claim the moment of its event; null: before the first layout that kept it
        ("source", pa.string()),  # the source of events, or who decided
    ]
)
_SAID: Final = "said"  # in the manifest of the links: from how many rows of ``identity`` they were worked out
LINKS: Final = pa.schema([("alias", pa.string()), ("person", pa.string())])


def known(engine: Engine) -> Said:
    """Everything said so far."""
    rows = _rows(engine)
    moments = rows["at"].cast(pa.int64()).fill_null(0).to_pylist()
    columns = (rows[name].to_pylist() for name in ("word", "alias", "person"))
    return said(
        Saying(Word(word), alias, person or "", at) for word, alias, person, at in zip(*columns, moments, strict=True)
    )


def stored_links(engine: Engine) -> dict[str, str]:
    """Each alias to the person it stands for, as published."""
    if manifest.find(engine.root, ALIASES) is None:
        return {}
    engine.table("stored_aliases", ALIASES)
    rows = pa.Table.from_batches(engine.batches("SELECT alias, person FROM stored_aliases"), schema=LINKS)
    return dict(zip(rows["alias"].to_pylist(), rows["person"].to_pylist(), strict=True))


def say(engine: Engine, sayings: Sequence[Saying], source: str) -> dict[str, str]:
    """Add ``sayings`` and publish the links that follow from everything said; return them.

    Claims that are known, from as early or earlier, are not repeated, so it may be called again after a crash.
    """
    before = known(engine)
    fresh = [one for one in sayings if not _is_known(one, before)]
    if fresh:
        _append(engine, _table(fresh, _said_so_far(engine), source))
        if all(one.word is Word.CLAIM for one in fresh):  # earlier than what is known of their pair
            more = {(one.alias, one.person): one.at for one in sorted(fresh, key=lambda one: -one.at)}
            return _publish(engine, replace(before, claims={**before.claims, **more}))
    return publish(engine) if fresh or not _is_up_to_date(engine) else stored_links(engine)


def publish(engine: Engine) -> dict[str, str]:
    """Work the links out from everything said, publish them where they are not the published ones, return them."""
    return _publish(engine, known(engine))


def _publish(engine: Engine, everything: Said) -> dict[str, str]:
    found, before = links(everything), stored_links(engine)
    if found != before or not _is_up_to_date(engine):
        table = pa.table({"alias": list(found), "person": list(found.values())}, schema=LINKS)
        only_more = all(found.get(alias) == person for alias, person in before.items())
        meta = {"moved": moved(engine) + (0 if only_more else 1), _SAID: _said_so_far(engine)}
        engine.write(pa.RecordBatchReader.from_batches(LINKS, table.to_batches()), ALIASES, meta=meta)
    return found


def moved(engine: Engine) -> int:
    """How often links were taken back or led elsewhere: while this stays the same, links were only added."""
    found = manifest.find(engine.root, ALIASES)
    return int(str(found.meta.get("moved", 0))) if found else 0


def adopt(engine: Engine) -> None:
    """Make claims of links that were published before ``identity`` was kept; does nothing where it is there."""
    if _exists(engine) or manifest.find(engine.root, ALIASES) is None:
        return
    old = stored_links(engine)
    table = _table([Saying(Word.CLAIM, alias, person) for alias, person in sorted(old.items())], 0, "")
    _append(engine, table.set_column(4, SCHEMA.field("at"), pa.nulls(table.num_rows, pa.timestamp("us"))))


def mark(engine: Engine) -> str:
    """Changes whenever the published links do; empty where there are none."""
    found = manifest.find(engine.root, ALIASES)
    return " ".join([str(found.version), *(file.path for file in found.files)]) if found else ""


def _said_so_far(engine: Engine) -> int:
    return manifest.require(engine.root, IDENTITY).rows if _exists(engine) else 0


def _is_up_to_date(engine: Engine) -> bool:
    """Whether the published links were worked out from everything said; a crash may have come in between."""
    found = manifest.find(engine.root, ALIASES)
    return (int(str(found.meta.get(_SAID, -1))) if found else 0) == _said_so_far(engine)


def _exists(engine: Engine) -> bool:
    return manifest.find(engine.root, IDENTITY) is not None


def _rows(engine: Engine) -> pa.Table:
    if not _exists(engine):
        return SCHEMA.empty_table()
    engine.table("identity_said", IDENTITY)
    return pa.Table.from_batches(engine.batches("SELECT * FROM identity_said ORDER BY place"), schema=SCHEMA)


def _is_known(one: Saying, before: Said) -> bool:
    if one.word is Word.CLAIM:
        earlier = before.claims.get((one.alias, one.person))
        return earlier is not None and earlier <= one.at
    return False


def _table(sayings: Iterable[Saying], start: int, source: str) -> pa.Table:
    every = list(sayings)
    return pa.table(
        {
            "place": pa.array(range(start, start + len(every)), pa.int64()),
            "word": pa.array([one.word.value for one in every], pa.string()),
            "alias": pa.array([one.alias for one in every], pa.string()),
            "person": pa.array([one.person or None for one in every], pa.string()),
            "at": pa.array([one.at for one in every], pa.int64()).cast(pa.timestamp("us")),
            "source": pa.array([source] * len(every), pa.string()),
        },
        schema=SCHEMA,
    )


def _append(engine: Engine, table: pa.Table) -> None:
    engine.write(pa.RecordBatchReader.from_batches(SCHEMA, table.to_batches()), IDENTITY, append=True)
