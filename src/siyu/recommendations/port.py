"""The recommender port: what a model must do, beside the stage that needs it.

A model learns from views the stage has made (``rec_interactions``, ``rec_items``, ``rec_people``; columns in
``docs/explanation/recommendations.md``) and then answers with a query, not with rows: the query gives one row for each
piece of *evidence* that a person may want a product. The stage runs it for a block of people at a time, on any engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final, Protocol

from pydantic import BaseModel

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine


class Capability(StrEnum):
    """What a model can do that others cannot."""

    COLD_PEOPLE = "cold-people"  # recommends to people without any product history
    COLD_ITEMS = "cold-items"  # recommends products that nobody has bought
    SEQUENCE = "sequence"  # the order of events matters
    CONTENT = "content"  # reads the catalogue


EVIDENCE: Final = ("person", "item", "part", "kind", "past", "facet", "value", "count", "number")
"""Columns of an evidence query.

``person``, ``item`` and ``past`` (the past product it rests on, or null) are codes of ``rec_people`` and ``rec_items``;
``part`` > 0 is what this row adds to the model's score; the rest are the fields of ``engine.schemas.REASON``.
"""


@dataclass(frozen=True, slots=True)
class Block:
    """People whose codes lie in ``first`` to ``last``, both included."""

    first: int
    last: int


class Recommender(Protocol):
    """A model of one lane. Its constructor takes ``options``, an instance of its own ``Options``."""

    Options: ClassVar[type[BaseModel]]
    lane: ClassVar[Lane]
    capabilities: ClassVar[frozenset[Capability]]

    def __init__(self, options: BaseModel) -> None: ...

    def fit(self, engine: Engine, now: datetime) -> None:
        """Learn, and leave what was learnt in datasets named ``rec_...``; nothing is kept in the object but options."""
        ...

    def evidence(self, people: Block, now: datetime) -> str:
        """A query with the columns :data:`EVIDENCE` for the people of a block. Parts of one product are summed."""
        ...
