"""Pseudonyms for the ids of a source, and who an anonymous visitor turned out to be."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from siyu.domain.identity import Saying, Word
from siyu.engine.port import Engine

Pseudonymise = Callable[[pa.Array], pa.Array]


def number_ids(engine: Engine) -> None:
    """Register ``import_ids`` (raw, number): the distinct ids of all rows.

    Numbers are of this import only: sorting and joining by them is far cheaper than by text.
    """
    ids = (
        "SELECT user_raw AS raw FROM import_mapped WHERE user_raw IS NOT NULL "
        "UNION SELECT anonymous_raw FROM import_mapped WHERE anonymous_raw IS NOT NULL"
    )
    raws = [batch.column(0) for batch in engine.batches(ids)]
    raw = pa.concat_arrays(raws).cast(pa.string()) if raws else pa.array([], pa.string())
    engine.table("import_ids", pa.table({"raw": raw, "number": pa.array(range(len(raw)), pa.int32())}))


def name_people(engine: Engine, pseudonymise: Pseudonymise) -> None:
    """Register ``import_people`` (number, person): the ids of rows that pass every check of their own."""
    used = (
        "SELECT number FROM import_stage WHERE reason IS NULL "
        "UNION SELECT alias_number FROM import_stage WHERE alias_number IS NOT NULL"
    )
    sql = f"SELECT i.number, i.raw FROM import_ids i JOIN ({used}) u ON u.number = i.number ORDER BY i.number"
    schema = pa.schema([("number", pa.int32()), ("raw", pa.string())])
    found = pa.Table.from_batches(engine.batches(sql), schema=schema).combine_chunks()
    raw = found["raw"].combine_chunks() if len(found) else pa.array([], pa.string())
    person = pseudonymise(raw) if len(raw) else raw
    engine.table("import_people", pa.table({"number": found["number"], "person": person.cast(pa.string())}))


def number_people(engine: Engine) -> None:
    """Register ``import_who`` (number, person, who): ``who`` is the same number for all ids of one person."""
    sql = """
        SELECT p.number, p.person, coalesce(a.person, p.person) AS target
        FROM import_people p LEFT JOIN import_aliases a ON a.alias = p.person ORDER BY p.number
    """
    schema = pa.schema([("number", pa.int32()), ("person", pa.string()), ("target", pa.string())])
    found = pa.Table.from_batches(engine.batches(sql), schema=schema)
    who = found["target"].combine_chunks().dictionary_encode().indices.cast(pa.int32())
    engine.table("import_who", found.append_column("who", who))


def claimed(engine: Engine) -> list[Saying]:
    """Distinct claims of this import about who an alias is, each with the moment of its earliest event."""
    sql = """
        SELECT a.person AS alias, p.person, c.ts
        FROM (
            SELECT alias_number, number, min(ts) AS ts FROM import_live WHERE alias_number IS NOT NULL
            GROUP BY alias_number, number
        ) c
        JOIN import_people a ON a.number = c.alias_number
        JOIN import_people p ON p.number = c.number
    """
    found: list[Saying] = []
    for batch in engine.batches(sql):
        aliases, people = batch.column(0).to_pylist(), batch.column(1).to_pylist()
        moments = batch.column(2).cast(pa.timestamp("us")).cast(pa.int64()).to_pylist()
        found.extend(Saying(Word.CLAIM, a, p, at) for a, p, at in zip(aliases, people, moments, strict=True) if a != p)
    return sorted(found, key=lambda one: (one.at, one.alias, one.person))
