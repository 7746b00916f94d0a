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
    """Register ``import_people`` (raw, person): the distinct ids of rows that pass every check of their own."""
    ids = (
        "SELECT user_raw AS raw FROM import_checked WHERE reason IS NULL AND user_raw IS NOT NULL "
        "UNION SELECT anonymous_raw FROM import_checked WHERE reason IS NULL AND anonymous_raw IS NOT NULL"
    )
    raws = [batch.column(0) for batch in engine.batches(ids)]
    raw = pa.concat_arrays(raws).cast(pa.string()) if raws else pa.array([], pa.string())
    person = pseudonymise(raw) if len(raw) else raw
    engine.table("import_people", pa.table({"raw": raw, "person": person.cast(pa.string())}))


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
            SELECT alias, person, ts, _file, _row, _part,
                row_number() OVER (PARTITION BY alias, person ORDER BY ts, _file, _row, _part) AS place
            FROM import_live WHERE alias IS NOT NULL
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
