"""What a person did so far, as what to ask by: the products of their past, weighed by how much and how lately."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from siyu.recommendations.links import most
from siyu.recommendations.people import Floats, Ints, People
from siyu.recommendations.port import Asked


class PastOptions(BaseModel):
    """How the past of the person asked for counts. Shared by the models that ask by past products."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recent: float = Field(60.0, gt=0, le=36_500, description="Days after which an act of the person asked for is half.")
    fade: float = Field(
        0.0, ge=0, le=10, description="Power by which products lose weight with every later one: (1 + place) ^ -fade."
    )
    power: float = Field(0.5, gt=0, le=2, description="Power of a product's weight; below 1 many acts count less.")
    asked: int = Field(100, ge=1, le=1000, description="Products of a person's past that ask, the weightiest.")


def past(people: People, options: PastOptions) -> Asked:
    """One key a past product; ``notes["bought"]`` says whether it was bought.

    The weight of a product is ``(sum of signal * 0.5 ^ (age / recent)) ^ power * (1 + place) ^ -fade``, where ``place``
    counts the moments since at which the person did something with another product.
    """
    pairs = people.pairs
    told = people.weight > 0
    value = pairs.sums(np.where(told, people.weight, 0.0) * 0.5 ** (people.age / options.recent)) ** options.power
    at = np.flatnonzero(value > 0)
    row, item, weight = pairs.row[at], pairs.item[at].astype(np.int64), value[at]
    if options.fade and len(at):
        last = np.maximum.reduceat(np.where(told, people.second, np.iinfo(np.int64).min), pairs.start)[at]
        weight = weight * (1.0 + places(row, last)) ** -options.fade
    return most(Asked(row, item, weight, {"bought": people.bought[at]}), options.asked)


def places(row: Ints, moment: Ints) -> Ints:
    """How many later moments the same row has.

    Example:
        >>> places(np.array([0, 0, 0, 1]), np.array([5, 9, 9, 2])).tolist()
        [1, 0, 0, 0]
    """
    order = np.lexsort((-moment, row))
    turned, then = row[order], moment[order]
    begins = np.r_[True, turned[1:] != turned[:-1]][: len(row)]
    steps = np.cumsum(np.r_[False, (then[1:] != then[:-1]) | (turned[1:] != turned[:-1])][: len(row)])
    found = np.empty(len(row), np.int64)
    found[order] = steps - np.repeat(steps[begins], np.diff(np.r_[np.flatnonzero(begins), len(row)]))
    return found


def decayed(age: Floats, half_life: float) -> Floats:
    """What is left of a weight of one."""
    return np.asarray(0.5 ** (age / half_life), np.float64)
