"""Which products a source has listed, so that a full feed can say what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from siyu.catalogue.settings import CatalogueSettings
from siyu.domain.errors import InputError
from siyu.domain.version import VERSION
from siyu.engine import manifest
from siyu.engine.port import Engine, Sql
from siyu.engine.schemas import MOMENT
from siyu.engine.sql import fill
from siyu.files import SourceFile
from siyu.files.finding import fingerprint

LISTED: Final = "catalogue_listed"
"""Dataset of (source, item, last_seen, gone)."""

SCHEMA: Final = pa.schema([("source", pa.string()), ("item", pa.string()), ("last_seen", MOMENT), ("gone", pa.bool_())])
_FEW = 20


def find_vanished(engine: Engine, source: CatalogueSettings, files: str) -> int:
    """Make ``catalogue_vanished`` (item, file, moment) readable and count it: listed before, and not in a full feed.

    Raises:
        InputError: so much is missing that the feed is more likely cut off than the shop.
    """
    stored = manifest.find(engine.root, LISTED) is not None
    engine.table("catalogue_before", LISTED if stored else SCHEMA.empty_table())
    mine = fill("source = $source", source=source.name)
    latest = "SELECT max(moment) AS moment FROM catalogue_decided WHERE reason IS NULL"
    lost = (
        f"SELECT b.item, {fill('$files', files=files)} AS file, l.moment FROM catalogue_before b "
        f"CROSS JOIN ({latest}) l WHERE b.{mine} AND NOT b.gone AND b.last_seen <= l.moment "
        "AND NOT EXISTS (SELECT 1 FROM catalogue_decided d WHERE d.reason IS NULL AND d.item = b.item)"
    )
    none = "SELECT item, item AS file, last_seen AS moment FROM catalogue_before WHERE FALSE"
    full = source.coverage == "full"
    engine.table("catalogue_vanished", Sql(lost if full else none))
    if not full:
        return 0
    known = _count(engine, f"SELECT count(*) FROM catalogue_before WHERE {mine} AND NOT gone")
    listed = _count(engine, "SELECT count(*) FROM catalogue_decided WHERE reason IS NULL")
    gone = _count(engine, "SELECT count(*) FROM catalogue_vanished")
    if known >= _FEW and (listed == 0 or gone > source.max_vanished * known):
        raise InputError(
            f"{files} lacks {known if listed == 0 else gone:,} of the {known:,} products of source {source.name!r}.",
            why=f"A full feed without more than {source.max_vanished:.0%} is taken for damaged; nothing was changed.",
            next_step='If the shop did shrink so much, raise max_vanished; for a part of it set coverage = "delta".',
            file=files,
            missing=gone,
        )
    return gone


def seen_before(engine: Engine, source: CatalogueSettings, files: Sequence[SourceFile]) -> bool:
    """Whether these very files were the last that ``source`` read, under the same settings and version of Siyu."""
    found = manifest.find(engine.root, LISTED)
    return found is not None and found.meta.get(source.name) == _print(source, files)


def _print(source: CatalogueSettings, files: Sequence[SourceFile]) -> str:
    digest = fingerprint()
    digest.update(source.model_dump_json(exclude={"paths"}).encode())
    digest.update("\n".join((VERSION, *(f"{file.name} {file.fingerprint}" for file in files))).encode())
    return digest.hexdigest()


def keep_listing(engine: Engine, source: CatalogueSettings, files: Sequence[SourceFile]) -> None:
    """Remember what the source lists now, and in which files: the last step of an import, which vouches for all."""
    mine = fill("source = $source", source=source.name)
    sql = f"""
WITH seen AS (
    SELECT item, max(moment) AS last_seen FROM catalogue_decided WHERE reason IS NULL GROUP BY item
)
SELECT source, item, last_seen, gone FROM catalogue_before WHERE NOT ({mine})
UNION ALL
SELECT {fill("$source", source=source.name)} AS source, coalesce(s.item, b.item) AS item,
    CASE WHEN b.last_seen IS NULL OR s.last_seen > b.last_seen THEN s.last_seen ELSE b.last_seen END AS last_seen,
    s.item IS NULL AND (b.gone OR v.item IS NOT NULL) AS gone
FROM seen s
FULL JOIN (SELECT * FROM catalogue_before WHERE {mine}) b ON b.item = s.item
LEFT JOIN catalogue_vanished v ON v.item = b.item
"""
    found = manifest.find(engine.root, LISTED)
    engine.write(sql, LISTED, meta={**(found.meta if found else {}), source.name: _print(source, files)})


def _count(engine: Engine, sql: str) -> int:
    return int(next(iter(engine.batches(sql))).column(0)[0].as_py())
