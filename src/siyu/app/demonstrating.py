"""The demonstration: a simulated shop, the whole job on it, the readers' reactions, and what it truly earned."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from siyu.app import pipeline
from siyu.app.loading import FILE
from siyu.app.pipeline import PreparedReport
from siyu.app.progress import bars
from siyu.app.reporting import ReportMade
from siyu.app.sending import SentReport
from siyu.app.shop import Shop
from siyu.app.simulating import make_world, moment_of
from siyu.app.tracking import HITS, TrackReport
from siyu.app.words import say
from siyu.delivery.links import Links
from siyu.domain.errors import SettingsError
from siyu.domain.ids import ItemId
from siyu.domain.progress import Progress, Step
from siyu.privacy.keys import KeyRing
from siyu.simulator import SimulationSettings, World
from siyu.simulator.reactions import Reactions, react

EVENING = timedelta(hours=14)
"""After this long everybody's quiet hours have passed once: those who waited are written to."""
READERS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36"
SENT = pa.schema(
    [
        ("user_id", pa.string()),
        ("message_id", pa.string()),
        ("sent_at", pa.timestamp("us")),
        ("items", pa.list_(pa.string())),
        ("terms", pa.list_(pa.string())),
        ("language", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What a demonstration showed.

    Attributes:
        true_effect: money the messages truly added within the window, known to the simulator alone.
    """

    folder: Path
    prepared: PreparedReport
    sent: tuple[SentReport, ...]
    tracked: TrackReport
    report: ReportMade
    true_effect: float
    currency: str
    mailbox: Path


def demonstrate(folder: Path, settings: SimulationSettings, *, force: bool, silent: bool) -> Demonstration:
    """Simulate a shop into ``folder`` and run everything on it.

    Raises:
        SettingsError: the folder holds something else, or an earlier demonstration and ``force`` is off.
    """
    _clear(folder, force)
    with bars(shown=False if silent else None) as progress:
        world = make_world(folder, settings, progress)
        begin = moment_of(settings)
        shop = Shop(folder, as_of=begin)
        KeyRing.create(shop.paths.keys, open_secret=f"demonstration {settings.seed}")  # the same seed, the same result
        prepared = pipeline.prepare(shop, progress)
        sent = [pipeline.sending(shop, progress)]
        shop.close()
        shop = Shop(folder, as_of=begin + EVENING)
        sent.append(pipeline.sending(shop, progress))
        shop.close()
        end = shop.campaign.end + shop.campaign.attribution
        shop = Shop(folder, as_of=end)
        reactions = _react(shop, world, end, progress)
        pipeline.importing(shop, progress)
        tracked = pipeline.tracking(shop, progress)
        report = pipeline.reporting(shop, progress)
        effect = _true_effect(reactions)
        progress(Step("report.done"))
        return Demonstration(
            folder, prepared, tuple(sent), tracked, report, effect, shop.settings.project.currency, shop.paths.mailbox
        )


def _clear(folder: Path, force: bool) -> None:
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / FILE).is_file() or not (folder / "truth").is_dir():
        raise SettingsError(
            f"{folder} holds something that is no demonstration.",
            why="It would be lost.",
            next_step="Name another folder.",
        )
    if not force:
        raise SettingsError(
            f"{folder} holds an earlier demonstration.",
            why="It would be lost.",
            next_step="Use --force, or another folder.",
        )
    shutil.rmtree(folder)


def _react(shop: Shop, world: World, until: datetime, progress: Progress) -> Reactions:
    """Let the readers react, and leave what they did where a web server and a shop would leave it."""
    progress(Step("react.play"))
    reactions = react(world, _sent(shop), until, seed=world.settings.seed)
    pq.write_table(reactions.events, world.folder / "events" / "after-campaign.parquet")
    _write_hits(shop, reactions.hits, shop.paths.state / HITS)
    progress(Step("react.done"))
    return reactions


def _sent(shop: Shop) -> pa.Table:
    """What the readers got: the simulator knows people by the shop's own ids."""
    ledger = shop.ledger.to_arrow(shop.campaign.name)
    ledger = ledger.filter(pc.equal(ledger["state"], "accepted")).select(["message_id", "handed_at"])
    shop.engine.table("messages", "messages")
    shop.engine.table("handed", ledger)
    rows: list[dict[str, Any]] = []
    for batch in shop.engine.batches(
        "SELECT m.person, m.message_id, h.handed_at, m.items, m.angle_value, m.language "
        "FROM messages m JOIN handed h ON h.message_id = m.message_id"
    ):
        rows += batch.to_pylist()
    names = shop.contacts.external_ids([row["person"] for row in rows])
    table = {
        "user_id": [names.get(row["person"]) for row in rows],
        "message_id": [row["message_id"] for row in rows],
        "sent_at": [row["handed_at"] for row in rows],
        "items": [row["items"] for row in rows],
        "terms": [[row["angle_value"]] if row["angle_value"] else [] for row in rows],
        "language": [row["language"] for row in rows],
    }
    return pa.table(table, schema=SENT)


def _write_hits(shop: Shop, hits: pa.Table, path: Path) -> None:
    """Hits on signed links, as the shop's web server would log them."""
    host = shop.settings.delivery.sender.link_host
    with path.open("w", encoding="utf-8") as log:
        for row in hits.to_pylist():
            url = _link(Links(shop.signer, host, row["message_id"]), row["kind"], row["item"])
            method = "POST" if row["kind"] == "unsubscribe" else "GET"
            hit = {"url": url, "ts": row["ts"].isoformat(), "user_agent": READERS, "method": method}
            log.write(json.dumps(hit) + "\n")


def _link(links: Links, kind: str, item: str | None) -> str:
    if kind == "open":
        return links.pixel()
    if kind == "click":
        return links.product(ItemId(item)) if item else links.trap()
    return links.unsubscribe()


def _true_effect(reactions: Reactions) -> float:
    people = reactions.people
    added = pc.subtract(people["revenue_expected_with"], people["revenue_without"])
    return float(pc.sum(added).as_py() or 0.0)


def sentences(done: Demonstration) -> list[str]:
    """The demonstration, line by line."""
    from siyu.app.cli import sentences as told

    lines = told.prepared(done.prepared)
    for sent in done.sent:
        lines += told.named(("send", told.sent(sent)))
    lines += told.named(("track", told.tracked(done.tracked)))
    lines += told.headline(done.report, done.currency)
    lines.append(say("result.truth", money=told.money(done.true_effect, done.currency)))
    return [*lines, say("result.mailbox", path=done.mailbox), *told.reported(done.report)]
