"""What only the simulator knows: tastes, qualities, and what people buy next of their own accord."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from siyu.domain import columns as c
from siyu.domain.kinds import EventKind
from siyu.simulator.rows import RAW, item_ids, user_ids
from siyu.simulator.tastes import CHUNK, DEVICES, ZONES
from siyu.simulator.words import ASPECTS, LANGUAGES
from siyu.simulator.world import World

TOP = 3
"""Values of each facet written to ``truth/tastes.parquet``."""


def organic(world: World, since: datetime, until: datetime) -> pa.Table:
    """Raw events of everybody in [since, until) as they would be without any message."""
    low, high = (pa.scalar(edge.astimezone(UTC), RAW.field(c.TS).type) for edge in (since, until))
    parts = [RAW.empty_table()]
    for month in world.months_within(since, until):
        for chunk in range(world.chunks):
            rows = world.play(month, chunk).events
            parts.append(rows.filter(pc.and_(pc.greater_equal(rows[c.TS], low), pc.less(rows[c.TS], high))))
    return pa.concat_tables(parts).sort_by([(c.TS, "ascending"), (c.EVENT_ID, "ascending")])


def next_purchases(world: World, until: datetime) -> pa.Table:
    """(user_id, item, ts) of the purchases from the end of the history to ``until``, without any message."""
    since = datetime.combine(world.settings.end, datetime.min.time(), UTC)
    rows = organic(world, since, until)
    return rows.filter(pc.equal(rows[c.KIND], EventKind.PURCHASE)).select(["user_id", c.ITEM, c.TS])


def _tastes(world: World, low: int, high: int) -> pa.Table:
    """The top values of each facet for people [low, high), long form."""
    book, taste = world.catalogue.words, world.people.taste[low:high]
    values = pa.array([name[0] for name in book.names]), pa.array([name[1] for name in book.names])
    parts = []
    for facet, (first, last) in book.spans.items():
        part = taste[:, first:last]
        best = np.argsort(-part, axis=1, kind="stable")[:, :TOP]
        weight = np.take_along_axis(part, best, axis=1)
        feature = pa.array((first + best).ravel())
        parts.append(
            pa.table(
                {
                    "user_id": user_ids(np.repeat(np.arange(low, high), TOP)),
                    "facet": pa.array([facet] * len(feature), pa.string()),
                    "rank": pa.array(np.tile(np.arange(1, TOP + 1), high - low), pa.int32()),
                    "zh": values[0].take(feature),
                    "en": values[1].take(feature),
                    "taste": pa.array(weight.ravel(), pa.float32()),
                }
            )
        )
    return pa.concat_tables(parts)


def write_tastes(world: World, folder: Path) -> None:
    """Write ``tastes``, ``people`` and ``products`` (all Parquet) into ``folder``."""
    first = _tastes(world, 0, 0)
    with pq.ParquetWriter(folder / "tastes.parquet", first.schema, compression="zstd") as writer:
        for low in range(0, len(world.people), CHUNK):
            writer.write_table(_tastes(world, low, min(low + CHUNK, len(world.people))))
    pq.write_table(_people(world), folder / "people.parquet", compression="zstd")
    pq.write_table(_products(world), folder / "products.parquet", compression="zstd")


def _people(world: World) -> pa.Table:
    people = world.people
    return pa.table(
        {
            "user_id": user_ids(np.arange(len(people))),
            "sessions_a_day": people.activity,
            "price_comfort": people.comfort,
            "price_sensitivity": people.sensitivity,
            "usual_hour": people.hour,
            "timezone": pa.array(ZONES).take(pa.array(people.zone)),
            "channel": pa.array(DEVICES).take(pa.array(people.device)),
            "language": pa.array(LANGUAGES).take(pa.array(people.language)),
            "joined_day": people.joined,
            "lapsed_day": people.lapsed,
            "responsive": people.responsive,
            "scanner": people.scanner.astype(bool),
        }
    )


def _products(world: World) -> pa.Table:
    catalogue = world.catalogue
    again = catalogue.words.again[catalogue.category]
    return pa.table(
        {
            "item": item_ids(np.arange(len(catalogue))),
            "launch_week": catalogue.launch,
            "popularity": catalogue.popularity,
            "days_until_again": pa.array(again, mask=again == 0),
            "partner_1": item_ids(catalogue.partners[:, 0]),
            "partner_2": item_ids(catalogue.partners[:, 1]),
            **{f"quality_{aspect}": catalogue.quality[:, index] for index, aspect in enumerate(ASPECTS)},
        }
    )
