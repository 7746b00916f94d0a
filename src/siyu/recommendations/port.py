"""The recommender port: what a model must do, beside the stage that needs it.

A model learns from everyone's histories and leaves what it learnt in datasets about products. For scoring it becomes a
:class:`Scorer`: arrays, small enough to travel to every worker. Its score is a sum over *keys*::

    score(person, product) = sum over keys of asked(person, key) * links(key, product)

where a key is whatever the model asks by: a past product, a value of an interest, the one key of everybody. So every
score is made of parts, and each part is a piece of *evidence* that can be told: the same arrays that rank also explain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeAlias, runtime_checkable

import numpy as np
from pydantic import BaseModel
from scipy import sparse

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.recommendations.people import Floats, Ints, People

Links: TypeAlias = "sparse.csr_array[Any, Any]"
Blocks: TypeAlias = Callable[[], Iterator[People]]
"""Everyone, a block at a time; may be called more than once."""


class Capability(StrEnum):
    """What a model can do that others cannot."""

    COLD_PEOPLE = "cold-people"  # recommends to people without any product history
    COLD_ITEMS = "cold-items"  # recommends products that nobody has bought
    SEQUENCE = "sequence"  # the order of events matters
    CONTENT = "content"  # reads the catalogue


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model asks by for each person of a block: in order of row, then key, no pair twice.

    Attributes:
        row: the person's row in the block. ``key``: row of the links. ``value``: > 0, of any scale.
        notes: further arrays of the same length that :meth:`Scorer.reasons` wants back.
    """

    row: Ints
    key: Ints
    value: Floats
    notes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """Told of scores whose reasons are to be told.

    Attributes:
        item: code of the product recommended. ``key``: the key it was found by.
        ask: place in the arrays of :class:`Asked`. ``link``: place in ``links.data`` and ``links.indices``.
    """

    item: Ints
    key: Ints
    ask: Ints
    link: Ints


@dataclass(frozen=True, slots=True)
class Reasons:
    """Reasons of parts, one each: the fields of ``engine.schemas.REASON``.

    ``kind``, ``facet`` and ``value`` are places in :attr:`Scorer.words`, ``past`` is the code of a product; -1 is null,
    as are a ``count`` of -1 and a ``number`` that is not a number.
    """

    kind: Ints
    past: Ints
    facet: Ints
    value: Ints
    count: Ints
    number: Floats

    @classmethod
    def of(cls, size: int, **fields: Any) -> Reasons:
        """``size`` reasons; a field not given is null, a single value stands for all."""
        nothing = {"kind": -1, "past": -1, "facet": -1, "value": -1, "count": -1, "number": np.nan}
        return cls(**{name: np.broadcast_to(fields.get(name, none), size) for name, none in nothing.items()})


class Scorer(Protocol):
    """What a model has learnt, as arrays. Holds no engine: it is copied to every worker.

    Attributes:
        links: keys by products, never negative.
        words: the texts that reasons are made of.
        merged: parts found by this key or a higher one are one piece of evidence for a product; ``None`` for no key.
    """

    links: Links
    words: tuple[str, ...]
    merged: int | None

    def asked(self, people: People) -> Asked:
        """What to ask by for a block of people."""
        ...

    def reasons(self, asked: Asked, told: Told) -> Reasons:
        """Why, for the parts that count most."""
        ...


@runtime_checkable
class Watched(Protocol):
    """A model that takes long to learn: it tells ``watch`` how many of how many steps are done."""

    watch: Callable[[int, int], None]


class Recommender(Protocol):
    """A model of one lane. Its constructor takes ``options``, an instance of its own ``Options``.

    ``interests`` is how many interests of each facet it reads; 0 for none.
    """

    Options: ClassVar[type[BaseModel]]
    lane: ClassVar[Lane]
    capabilities: ClassVar[frozenset[Capability]]
    interests: int

    def __init__(self, options: BaseModel) -> None: ...

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        """Learn, and leave what was learnt in datasets named ``rec_...``; nothing is kept in the object but options."""
        ...

    def scorer(self, engine: Engine, now: datetime) -> Scorer:
        """Read back what was learnt. Products are codes of ``rec_items``; interests, of ``rec_values``."""
        ...


@runtime_checkable
class Reaching(Protocol):
    """A model whose links do not lead to every product it could speak for, only to the likeliest."""

    def reaching(self, engine: Engine, now: datetime, item: int) -> Scorer:
        """As :meth:`Recommender.scorer`, with links that lead to this product too, wherever it may speak for it."""
        ...
