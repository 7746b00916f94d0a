"""The stage part: purchases in, dataset ``rules`` out: what is bought together, among products and among categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain import columns as c
from siyu.domain.progress import Progress, Step, silent
from siyu.engine.port import Engine
from siyu.engine.resolved import events
from siyu.engine.schemas import RULES
from siyu.engine.sql import query
from siyu.profiles.findings import Finding, kept
from siyu.profiles.inputs import PACKAGE
from siyu.profiles.rules.baskets import Baskets
from siyu.profiles.rules.itemsets import Itemsets, frequent_itemsets
from siyu.profiles.rules.measures import Rules, rules
from siyu.profiles.settings import RuleSettings

DATASET = "rules"
LEVELS = ("item", "category")

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RulesReport:
    """What was found.

    Attributes:
        baskets: baskets that were looked at.
        rules: rules kept, by level.
        findings: what could not be found, and why.
    """

    baskets: int = 0
    rules: tuple[tuple[str, int], ...] = ()
    findings: tuple[Finding, ...] = ()


def mine(engine: Engine, settings: RuleSettings, now: datetime, progress: Progress = silent) -> RulesReport:
    """Write dataset ``rules``. Needs table ``products``.

    Baskets of one person only cannot make a rule: a rule rests on at least ``least_baskets`` baskets. Where more than
    ``most_items`` things are that frequent, the rarest are left out.

    Args:
        now: later purchases are not looked at, nor those older than ``days``.
    """
    progress(Step("profile.rules", 0, len(LEVELS)))
    events(engine)
    read = pa.Table.from_batches(
        engine.batches(query(PACKAGE, "baskets", now=now, since=now - timedelta(days=settings.days))),
        pa.schema([("basket", pa.string()), (c.ITEM, pa.string()), (c.CATEGORY, pa.string())]),
    )
    basket, count = _coded(read["basket"])
    least = max(settings.least_baskets, int(np.ceil(settings.least_support * count)))
    tables, longest, lacking = [], 0, list[Finding]()
    for done, (level, column) in enumerate(zip(LEVELS, (c.ITEM, c.CATEGORY), strict=True)):
        progress(Step("profile.rules", done, len(LEVELS)))
        named = pc.is_valid(read[column])
        if level == "category" and count and not pc.any(named).as_py():
            lacking.append(Finding("rules", "no-categories"))
        names = read[column].filter(named).combine_chunks().dictionary_encode()
        held, frequent = _baskets(
            basket[np.asarray(named)], names.indices.to_numpy().astype(np.int64), count, least, settings.most_items
        )
        if frequent > held.items.size and level == "item":
            lacking.append(Finding("rules", "rarest-left-out", {"things": frequent, "most": held.items.size}))
        longest = max(longest, int(np.diff(held.starts).max(initial=0)))
        found = rules(
            _itemsets(held, least, settings),
            baskets=count,
            most_p=settings.most_p,
            least_gain=settings.least_gain,
        )
        surest = found.take(np.flatnonzero(found.lift > 1)[: settings.most])
        tables.append(_table(level, surest, names.dictionary))
    numbers = tuple((level, table.num_rows) for level, table in zip(LEVELS, tables, strict=True))
    if not any(number for _, number in numbers):
        facts = {"baskets": count, "least": least, "days": settings.days}
        lacking.insert(0, Finding("rules", _why(count, longest), facts))
    meta = {"baskets": count, "as_of": now.isoformat(), **kept(lacking)}
    engine.write(pa.concat_tables(tables).to_reader(), DATASET, meta=meta)
    return RulesReport(count, numbers, tuple(lacking))


def _why(baskets: int, longest: int) -> str:
    return "no-baskets" if not baskets else "single-items" if longest < 2 else "nothing-sure"


def _coded(column: pa.ChunkedArray) -> tuple[Codes, int]:
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), len(encoded.dictionary)


def _baskets(basket: Codes, item: Codes, count: int, least: int, most: int) -> tuple[Baskets, int]:
    """Baskets of things that ``least`` baskets hold, but no more than the ``most`` frequent ones; and how many there
    are of them.
    """
    held = Baskets.of(basket, item, count=count, least=least)
    frequent = held.items.size
    if frequent > most:
        last = int(np.sort(held.counts)[-most])
        held = Baskets.of(basket, item, count=count, least=last + int((held.counts >= last).sum() > most))
    return held, frequent


def _itemsets(held: Baskets, least: int, settings: RuleSettings) -> list[Itemsets]:
    """Frequent sets. Where there are more pairs than are looked at, sets must be more frequent than the next one."""
    pairs = frequent_itemsets(held, least=least, most_items=2)
    if len(pairs) < 2 or settings.longest == 2:
        return pairs
    if pairs[1].counts.size > settings.most_pairs:
        least = int(np.sort(pairs[1].counts)[-settings.most_pairs - 1]) + 1
    return frequent_itemsets(held, least=least, most_items=settings.longest)


def _table(level: str, found: Rules, names: pa.Array) -> pa.Table:
    sizes = (found.items >= 0).sum(axis=1)
    flat = pa.array(found.items[found.items >= 0])
    offsets = pa.array(np.concatenate(([0], np.cumsum(sizes))).astype(np.int32))
    columns: Sequence[pa.Array] = [
        pa.array([level] * found.then.size, pa.string()),
        pa.ListArray.from_arrays(offsets, names.take(flat).cast(pa.string())),
        names.take(pa.array(found.then)).cast(pa.string()),
        *(pa.array(getattr(found, name)) for name in RULES.names[3:]),
    ]
    return pa.table(columns, schema=RULES)
