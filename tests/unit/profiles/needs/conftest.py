"""Shops drawn from a known world: people with a rate of their own who stop for good after some purchase."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from siyu.domain.clock import FixedClock
from siyu.engine import schemas
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.port import Engine
from siyu.profiles.needs.build import build_needs
from siyu.profiles.needs.report import NeedsReport
from siyu.profiles.needs.settings import NeedsSettings

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
QUICK = {"resamples": 20, "learners": ("bg-nbd", "recency-frequency", "logistic-regression", "decision-tree")}


class Market:
    """An engine with events, and what was foreseen from them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._events = 0

    def events(
        self,
        people: list[str],
        days: np.ndarray | list[float],
        kind: str | list[str] = "purchase",
        *,
        items: list[str] | None = None,
        quantity: float | np.ndarray = 1.0,
        price: float | list[float] | np.ndarray = 10.0,
        effective: np.ndarray | list[float] | None = None,
    ) -> None:
        """Add events ``days`` before NOW (negative: after), one each of ``people``."""
        count = len(people)
        start = self._events
        self._events += count
        ts, counted = (_moments(values) for values in (days, days if effective is None else effective))
        columns = {
            "event_id": [f"e{start + n:07}" for n in range(count)],
            "person": people,
            "kind": [kind] * count if isinstance(kind, str) else kind,
            "ts": ts,
            "effective_ts": counted,
            "item": items or ["i0"] * count,
            "quantity": np.broadcast_to(np.asarray(quantity, float), count),
            "unit_price": np.broadcast_to(np.asarray(price, float), count),
            "order_id": [f"o{start + n}" for n in range(count)],
            "source": ["test"] * count,
        }
        arrays = [
            pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(count, field.type)
            for field in schemas.EVENTS
        ]
        table = pa.Table.from_arrays(arrays, schema=schemas.EVENTS)
        self.engine.write(pa.RecordBatchReader.from_batches(table.schema, table.to_batches()), "events", append=True)

    def products(self, categories: dict[str, str]) -> None:
        """Products and their category paths."""
        rows = [{**dict.fromkeys(schemas.PRODUCTS.names), "item": item, "category": path}
                for item, path in categories.items()]  # fmt: skip
        table = pa.Table.from_pylist(rows, schema=schemas.PRODUCTS)
        self.engine.write(pa.RecordBatchReader.from_batches(table.schema, table.to_batches()), "products")

    def foresee(
        self, *, days: float = 0.0, anew: bool = False, refit_days: float = 7, **settings: object
    ) -> NeedsReport:
        """Work needs out as of ``days`` before NOW."""
        wanted = NeedsSettings.model_validate({**QUICK, **settings})
        clock = FixedClock(NOW - timedelta(days=days))
        return build_needs(self.engine, wanted, refit_days=refit_days, clock=clock, anew=anew)

    def rows(self, sql: str = "SELECT * FROM needs ORDER BY person") -> list[dict[str, object]]:
        for dataset in ("needs", "needs_affinity"):
            self.engine.table(dataset, dataset)
        return [row for batch in self.engine.batches(sql) for row in batch.to_pylist()]

    def populate(self, count: int = 1200, *, span: int = 200, seed: int = 3) -> None:
        """People who buy gifts or tools at gamma(1.2, 25 days) rates, look around before they buy, and may stop."""
        draw = np.random.default_rng(seed)
        self.products({"g1": "Gifts > Cards", "g2": "Gifts > Cards", "t1": "Tools > Saws", "t2": "Tools > Drills"})
        people, days, kinds, items, prices = [], [], [], [], []
        usual = draw.gamma(5, 4, count) + 2
        rates, stops, starts = draw.gamma(1.2, 1 / 25, count), draw.beta(1, 4, count), draw.uniform(20, span, count)
        for n in range(count):
            at = starts[n]
            mine = ("g1", "g2") if n % 2 else ("t1", "t2")
            while at > 0:
                item = str(draw.choice(mine)) if draw.random() < 0.9 else "g1"
                people += [f"p{n:04}"] * 2
                days += [at + 0.4, at]
                kinds += ["browse", "purchase"]
                items += [item, item]
                prices += [round(float(usual[n] * draw.gamma(20, 1 / 20)), 2)] * 2
                if draw.random() < stops[n]:
                    break
                at -= max(draw.exponential(1 / rates[n]), 1.0)
        strangers = [f"s{n:04}" for n in range(count // 10)]
        self.events(people + strangers, days + list(draw.uniform(0, span, len(strangers))),
                    kinds + ["browse"] * len(strangers), items=items + ["g1"] * len(strangers),
                    price=prices + [1.0] * len(strangers))  # fmt: skip


def _moments(days: np.ndarray | list[float]) -> pa.Array:
    start = np.datetime64(NOW.replace(tzinfo=None), "us")
    return pa.array(start - (np.asarray(days, float) * 86_400e6).astype("timedelta64[us]"), schemas.MOMENT)


@pytest.fixture
def market(tmp_path: Path) -> Market:
    return Market(EmbeddedEngine(tmp_path / "market", memory="1GB", threads=1))


@pytest.fixture
def new_market(tmp_path: Path) -> Callable[[str], Market]:
    return lambda name: Market(EmbeddedEngine(tmp_path / name, memory="1GB", threads=1))
