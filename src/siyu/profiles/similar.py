"""Like-minded people, and what is distinctive of one person: on demand, for explaining."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from siyu.domain.ids import PersonId
from siyu.engine.port import Engine
from siyu.engine.sql import query
from siyu.profiles.inputs import PACKAGE

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Interest:
    """One value with how much of the facet it takes and how unusual that is."""

    facet: str
    value: str
    weight: float
    lift: float


@dataclass(frozen=True, slots=True)
class LikeMinded:
    """A person with similar interests.

    Attributes:
        similarity: mean cosine of the two people's damped interests over facets, 0 to 1.
        shared: what both like, strongest in common first (at most five; weights are the other person's).
        theirs: what they like and the person asked for does not have yet, strongest first (at most five).
    """

    person: PersonId
    similarity: float
    shared: tuple[Interest, ...]
    theirs: tuple[Interest, ...]


def like_minded(engine: Engine, person: PersonId, *, k: int = 10) -> list[LikeMinded]:
    """The ``k`` people whose interests are most like those of ``person``, most similar first.

    The mean cosine over the facets that the person has. A value counts weight x ln(1 + lift): what everybody likes
    makes nobody like-minded. Reads all of dataset ``interests`` once (about a second for ten million rows).

    Raises:
        MissingDataError: profiles were not built yet.
    """
    engine.table("interests", "interests")
    found = _rows(engine, query(PACKAGE, "like_minded", person=person, k=max(k, 0)))
    if not found:
        return []
    engine.table(
        "profile_similar",
        pa.table({"person": pa.array([str(row["person"]) for row in found], pa.string())}),
    )
    theirs: dict[str, list[dict[str, object]]] = {}
    for row in _rows(engine, query(PACKAGE, "like_minded_interests", person=person)):
        theirs.setdefault(str(row["person"]), []).append(row)
    return [_like_minded(row, theirs.get(str(row["person"]), [])) for row in found]


def distinctive(engine: Engine, person: PersonId, *, k: int = 10) -> list[Interest]:
    """What tells this person from others: the interests with the largest weight x ln(lift), lift above 1.

    This is the person's part of the divergence between their interests and everybody's (Kullback and Leibler 1951):
    a rare value with a tiny share does not come before a strong one that is twice as usual.

    Raises:
        MissingDataError: profiles were not built yet.
    """
    engine.table("interests", "interests")
    return [_interest(row) for row in _rows(engine, query(PACKAGE, "distinctive", person=person, k=max(k, 0)))]


def _like_minded(row: dict[str, object], interests: list[dict[str, object]]) -> LikeMinded:
    return LikeMinded(
        PersonId(str(row["person"])),
        min(1.0, float(str(row["similarity"]))),
        tuple(_interest(each) for each in interests if each["mine"])[:_SHOWN],
        tuple(_interest(each) for each in interests if not each["mine"])[:_SHOWN],
    )


def _interest(row: dict[str, object]) -> Interest:
    return Interest(str(row["facet"]), str(row["value"]), float(str(row["weight"])), float(str(row["lift"])))


def _rows(engine: Engine, sql: str) -> list[dict[str, object]]:
    return [row for batch in engine.batches(sql) for row in batch.to_pylist()]
