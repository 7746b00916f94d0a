"""A small shop whose people have habits, for the judge: events and products as rows, shown to it like a project's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from siyu.engine import schemas
from siyu.engine.port import Engine
from siyu.recommendations.evaluation.splitting import Shown

from ..shop import NOW, Shop

CUT = NOW - timedelta(days=30)


def filled(shop: Shop, people: int = 24) -> Shop:
    """Half a year: everyone buys of their own taste again and again, something new before the cut and after it."""
    for number in range(people):
        taste = number // 3 % 3
        for week in range(20):
            shop.bought(f"p{number:02}", f"t{taste}-{(number + week) % 4}", f"t{taste}-{week % 5}", days=31 + 7 * week)
        shop.bought(f"p{number:02}", f"t{taste}-{5 + (number + 2) % 3}", days=120)
        shop.bought(f"p{number:02}", f"t{taste}-{5 + (number + 1) % 3}", days=40)
        shop.looked(f"p{number:02}", f"t{taste}-9", days=33)
        shop.bought(f"p{number:02}", f"t{taste}-{number % 4}", days=12)
        shop.bought(f"p{number:02}", f"t{taste}-{5 + number % 3}", days=8)
    return shop


def catalogued(shop: Shop) -> Any:
    """The shop's products, with what was known by then."""

    def catalogue(view: Engine, now: datetime) -> tuple[str, ...]:
        moment = now.replace(tzinfo=None)
        rows = [row for row in shop.products.values() if row["first_seen"] <= moment]
        full = [{name: row.get(name) for name in schemas.PRODUCTS.names} for row in rows]
        view.write(pa.Table.from_pylist(full, schema=schemas.PRODUCTS).to_reader(), "products")
        return ()

    return catalogue


def shown(shop: Shop, **more: Any) -> Shown:
    """``shop`` for the judge."""
    shop.publish()
    return Shown(shop.engine, "world", catalogue=catalogued(shop), prepare=lambda view, now: None, **more)


def rows(engine: Engine, sql: str) -> list[dict[str, Any]]:
    """Rows of a query."""
    return [row for batch in engine.batches(sql) for row in batch.to_pylist()]


def pairs(table: pa.Table) -> Sequence[tuple[str, str]]:
    """Person and item of each row."""
    return sorted(zip(table["person"].to_pylist(), table["item"].to_pylist(), strict=True))


def utc(moment: datetime) -> datetime:
    """A moment of a dataset, aware."""
    return moment.replace(tzinfo=UTC)
