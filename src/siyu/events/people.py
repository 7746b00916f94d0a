"""Pseudonyms for the ids of a source, and who an anonymous visitor turned out to be."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pyarrow as pa

from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.resolved import ALIASES

Pseudonymise = Callable[[pa.Array], pa.Array]

ALIAS_SCHEMA = pa.schema([("alias", pa.string()), ("person", pa.string())])


def name_people(engine: Engine, pseudonymise: Pseudonymise) -> None:
    """Register ``import_people`` (raw, person, number): the distinct ids of rows that pass every check of their own.

    Numbers are of this import only: sorting and joining by them is far cheaper than by text.
    """
    ids = (
        "SELECT user_raw AS raw FROM import_checked WHERE reason IS NULL AND user_raw IS NOT NULL "
        "UNION SELECT anonymous_raw FROM import_checked WHERE reason IS NULL AND anonymous_raw IS NOT NULL"
    )
    raws = [batch.column(0) for batch in engine.batches(ids)]
    raw = pa.concat_arrays(raws).cast(pa.string()) if raws else pa.array([], pa.string())
    person = pseudonymise(raw) if len(raw) else raw
    number = pa.array(range(len(raw)), pa.int64())
    engine.table("import_people", pa.table({"raw": raw, "person": person.cast(pa.string()), "number": number}))


def number_people(engine: Engine) -> None:
    """Register ``import_who`` (number, person, who): ``who`` is the same number for all ids of one person."""
    sql = """
        SELECT p.number, p.person, coalesce(a.person, p.person) AS target
        FROM import_people p LEFT JOIN import_aliases a ON a.alias = p.person ORDER BY p.number
    """
    schema = pa.schema([("number", pa.int64()), ("person", pa.string()), ("target", pa.string())])
    found = pa.Table.from_batches(engine.batches(sql), schema=schema)
    who = found["target"].combine_chunks().dictionary_encode().indices.cast(pa.int64())
    engine.table("import_who", found.append_column("who", who))


def stored_aliases(engine: Engine) -> pa.Table:
    """The links known so far."""
    if manifest.find(engine.root, ALIASES) is None:
        return ALIAS_SCHEMA.empty_table()
    engine.table("stored_aliases", ALIASES)
    return pa.Table.from_batches(engine.batches("SELECT alias, person FROM stored_aliases"), schema=ALIAS_SCHEMA)


def claimed(engine: Engine) -> list[tuple[str, str]]:
    """Distinct (alias, person) claims of this import, the earliest first (ties by place in the files)."""
    sql = """
        SELECT alias, person FROM (
            SELECT a.person AS alias, l.person, l.ts, l._file, l._row, l._part, row_number()
                OVER (PARTITION BY l.alias_number, l.number ORDER BY l.ts, l._file, l._row, l._part) AS place
            FROM import_live l JOIN import_people a ON a.number = l.alias_number
        ) c WHERE place = 1 ORDER BY ts, _file, _row, _part, alias
    """
    pairs: list[tuple[str, str]] = []
    for batch in engine.batches(sql):
        pairs.extend(zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True))
    return pairs


def link(known: pa.Table, claims: Iterable[tuple[str, str]]) -> tuple[pa.Table, int, int]:
    """Add ``claims`` to ``known`` links: the first claim of an alias stays; links of links lead to their end.

    Returns:
        The links, how many are new, and how many claims were refused (another person was first, or a circle).

    Example:
        >>> links, new, refused = link(ALIAS_SCHEMA.empty_table(), [("a", "u"), ("a", "v"), ("u", "w")])
        >>> links.to_pylist(), new, refused
        ([{'alias': 'a', 'person': 'w'}, {'alias': 'u', 'person': 'w'}], 2, 1)
    """
    links = dict(zip(known["alias"].to_pylist(), known["person"].to_pylist(), strict=True))
    before, refused = len(links), 0
    for alias, person in claims:
        target = _end(links, person)
        if alias in links:
            refused += _end(links, alias) != target
        elif target == alias:
            refused += 1
        else:
            links[alias] = target
    table = pa.table({"alias": list(links), "person": [_end(links, person) for person in links.values()]})
    return table.cast(ALIAS_SCHEMA), len(links) - before, refused


def _end(links: dict[str, str], person: str) -> str:
    while person in links:
        person = links[person]
    return person
