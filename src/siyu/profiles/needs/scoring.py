"""From what is known of people to their chances and what drives these, a batch at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from siyu.engine.schemas import MOMENT, NEEDS
from siyu.profiles.needs.comparing import Served
from siyu.profiles.needs.features import NAMES, PLACE, Floats, Known
from siyu.profiles.needs.worth import Worth

_LEAST_EFFECT = 0.001
"""A driver moves the chance by at least a tenth of a point."""
_DRIVER = NEEDS.field("drivers").type.value_type


@dataclass(frozen=True, slots=True)
class Drivers:
    """What moves a chance most: people x drivers, strongest first; an effect of 0 is none.

    Attributes:
        place: of the feature in ``NAMES``. ``value``: as it is, ``usual``: the median of all.
        effect: the chance less what it would be without what the feature adds.
    """

    place: np.ndarray
    value: Floats
    usual: Floats
    effect: Floats


@dataclass(frozen=True, slots=True)
class Scoring:
    """Batch function: rows of ``sql/features.sql`` to rows of dataset ``needs``."""

    served: tuple[Served, ...]
    worth: Worth | None
    value_days: int
    made_at: datetime
    version: str
    drivers: int

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One row a person."""
        known = Known.of(batch)
        people = batch.num_rows
        chances: dict[str, Floats] = {}
        moved: list[tuple[str, Drivers]] = []
        silence = np.full(people, np.nan)
        for one in self.served:
            chances[one.target.name], found = foreseen(one, known, self.drivers)
            moved.append((one.target.name, found))
            if one.target.name == "churn":
                silence = np.where(one.target.concerns(known), one.target.within(known), np.nan)
        value = self.worth.value(known, self.value_days) if self.worth else np.full(people, np.nan)
        columns = {
            "person": batch.column("person").cast(pa.string()),
            "buy_30": _numbers(chances.get("buy"), people),
            "churn": _numbers(chances.get("churn"), people),
            "churn_days": _numbers(silence, people),
            "value_12m": _numbers(value, people),
            "drivers": _listed(moved, people),
            "made_at": pa.array([self.made_at.replace(tzinfo=None)] * people, MOMENT),
            "model": pa.array([self.version] * people, pa.string()),
        }
        return pa.record_batch([columns[name] for name in NEEDS.names], schema=NEEDS)


def foreseen(one: Served, known: Known, top: int) -> tuple[Floats, Drivers]:
    """Chances of people, not a number of those whom it does not concern; and their drivers."""
    raw = one.target.raw(known, one.buying)
    rows = one.scale(raw)
    scores = one.learnt.scores(rows)
    chances = one.curve(scores)
    concerned = one.target.concerns(known)
    adds = one.learnt.contributions(rows)
    told = np.isfinite(raw) & one.scale.varies
    told[:, PLACE["never"]] &= raw[:, PLACE["never"]] > 0  # that somebody did buy is no news
    adds = np.where(told, adds, 0.0)
    place = np.argsort(-np.abs(np.round(adds, 9)), axis=1, kind="stable")[:, :top]
    strongest = np.take_along_axis(adds, place, axis=1)
    effect = chances[:, None] - one.curve(scores[:, None] - strongest)
    effect = np.where((np.abs(effect) >= _LEAST_EFFECT) & (strongest != 0) & concerned[:, None], effect, 0.0)
    value = np.take_along_axis(np.where(told, raw, 0.0), place, axis=1)
    return np.where(concerned, chances, np.nan), Drivers(place, value, one.scale.usual[place], effect)


def _listed(moved: list[tuple[str, Drivers]], people: int) -> pa.Array:
    """Drivers of all chances as one list a person."""
    if not moved:
        return pa.array([[]] * people, NEEDS.field("drivers").type)
    effect = np.concatenate([found.effect for _, found in moved], axis=1)
    kept = effect != 0
    chance = np.concatenate([np.full(found.place.shape[1], n) for n, (_, found) in enumerate(moved)])
    flat = {
        "chance": pa.array([name for name, _ in moved], pa.string()).take(
            pa.array(np.broadcast_to(chance, effect.shape)[kept])
        ),
        "name": pa.array(NAMES, pa.string()).take(
            pa.array(np.concatenate([found.place for _, found in moved], axis=1)[kept])
        ),
        "value": pa.array(np.concatenate([found.value for _, found in moved], axis=1)[kept]),
        "usual": pa.array(np.concatenate([found.usual for _, found in moved], axis=1)[kept]),
        "effect": pa.array(effect[kept]),
    }
    structs = pa.StructArray.from_arrays([flat[field.name] for field in _DRIVER], fields=list(_DRIVER))
    offsets = np.append(0, np.cumsum(kept.sum(axis=1))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), structs).cast(NEEDS.field("drivers").type)


def _numbers(values: Floats | None, people: int) -> pa.Array:
    if values is None:
        return pa.nulls(people, pa.float64())
    return pa.array(values, pa.float64(), mask=~np.isfinite(values))
