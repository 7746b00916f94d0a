"""Writes a shop: event files, product feed, people, and the truth beside them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from siyu.domain import columns as c
from siyu.domain.errors import InputError
from siyu.domain.progress import Progress, Step, silent
from siyu.simulator.dirt import bots, plant
from siyu.simulator.feeds import people_table, write_products
from siyu.simulator.playing import Played
from siyu.simulator.rows import user_ids
from siyu.simulator.settings import SimulationSettings
from siyu.simulator.streams import stream
from siyu.simulator.truth import next_purchases, write_tastes
from siyu.simulator.visits import month_of
from siyu.simulator.world import SETTINGS_FILE, World

NEXT_DAYS = 28
"""Days after the end whose purchases are the true next ones."""


def simulate(settings: SimulationSettings, folder: Path, *, progress: Progress = silent) -> World:
    """Build the shop with ``settings`` and write it into ``folder``.

    Writes ``events/<first day>-<chunk>.parquet`` (or csv, jsonl), ``products.csv``, ``people.csv`` and ``truth/``.
    The same settings write the same content, whatever the machine's cores. An earlier simulated shop in ``folder`` is
    replaced.

    Raises:
        InputError: ``folder`` holds event files that no simulation wrote.
    """
    _make_room(folder)
    world = World.build(settings, folder)
    progress(Step("simulate.people", 1, 1))
    write_products(settings, world.catalogue, folder / "products.csv")
    pacsv.write_csv(people_table(settings, world.people), folder / "people.csv")
    planted: Counter[str] = Counter()
    aliases = []
    total = settings.months * world.chunks
    for month in range(settings.months):
        for chunk in range(world.chunks):
            played, table = _chunk(world, month, chunk, planted)
            name = f"{settings.block(month)[0].isoformat()}-{chunk:03d}"
            planted["events"] += write_events(table, folder / "events", name, settings.file_format)
            aliases.append(_aliases(played))
            progress(Step("simulate.events", month * world.chunks + chunk + 1, total))
    _write_truth(world, planted, pa.concat_tables(aliases))
    progress(Step("simulate.truth", 1, 1))
    return world


def _make_room(folder: Path) -> None:
    """Empty folders for events and truth; only files of an earlier simulation are taken away."""
    for name in ("events", "truth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    old = sorted((folder / "events").iterdir())
    if old and not (folder / "truth" / SETTINGS_FILE).is_file():
        raise InputError(
            f"The folder {folder.name!r} already holds events.",
            why="They were not written by the simulator, so they are not replaced.",
            next_step="Choose an empty folder.",
        )
    for file in old:
        file.unlink()


def _chunk(world: World, month: int, chunk: int, planted: Counter[str]) -> tuple[Played, pa.Table]:
    """One file's rows, dirt and bots included, by time."""
    settings = world.settings
    played = world.play(month, chunk)
    ends = pa.scalar(datetime.combine(settings.end, datetime.min.time(), UTC), pa.timestamp("us", tz="UTC"))
    clean = played.events.filter(pc.less(played.events[c.TS], ends))
    rng = stream(settings.seed, "dirt", month, chunk)
    damaged, counts = plant(rng, clean, settings.dirty_share, f"d{month:02d}-{chunk:03d}")
    planted.update(counts)
    planted["clean"] += len(clean)
    parts = [clean, damaged]
    if chunk == 0:
        count = int(np.ceil(settings.bot_share * settings.people))
        calendar = month_of(settings, world.catalogue, world.people, index=month, chunk=chunk)
        crawled = bots(rng, calendar, month * 1_000_000 + np.arange(count))
        planted["bot"] += len(crawled)
        parts.append(crawled)
    texts = clean[c.TEXT].drop_null()
    planted["review-with-address"] += pc.sum(pc.match_substring(texts, "@")).as_py() or 0
    return played, pa.concat_tables(parts).sort_by([(c.TS, "ascending"), (c.EVENT_ID, "ascending")])


def write_events(table: pa.Table, folder: Path, name: str, file_format: str) -> int:
    """Write raw events as ``<name>.<format>`` and return how many."""
    path = folder / f"{name}.{file_format}"
    if file_format == "parquet":
        pq.write_table(table, path, compression="zstd")
    elif file_format == "csv":
        pacsv.write_csv(table, path)
    else:
        with path.open("w", encoding="utf-8") as file:
            for batch in table.to_batches(max_chunksize=10_000):
                file.writelines(_json_line(row) for row in batch.to_pylist())
    return len(table)


def _json_line(row: dict[str, object]) -> str:
    kept = {key: value for key, value in row.items() if value is not None}
    return json.dumps(kept, ensure_ascii=False, default=str) + "\n"


def _aliases(played: Played) -> pa.Table:
    cookies = pa.array([f"v{cookie:010d}" for cookie in played.cookies.tolist()], pa.string())
    return pa.table({"anonymous_id": cookies, "user_id": user_ids(played.owners)})


def _write_truth(world: World, planted: Counter[str], aliases: pa.Table) -> None:
    folder = world.folder / "truth"
    pq.write_table(aliases, folder / "aliases.parquet", compression="zstd")
    write_tastes(world, folder)
    until = datetime.combine(world.settings.end, datetime.min.time(), UTC) + timedelta(days=NEXT_DAYS)
    pq.write_table(next_purchases(world, until), folder / "next_purchases.parquet", compression="zstd")
    (folder / "planted.json").write_text(json.dumps(dict(sorted(planted.items())), indent=1), "utf-8")
    kept = {"settings": world.settings.model_dump(mode="json"), "fingerprint": world.fingerprint}
    (folder / SETTINGS_FILE).write_text(json.dumps(kept, indent=1), "utf-8")
