"""Events with people resolved: what an anonymous visitor did belongs to the person they turned out to be."""

from __future__ import annotations

from siyu.domain import columns as c
from siyu.engine import manifest
from siyu.engine.port import Engine, Sql
from siyu.engine.schemas import EVENTS

ALIASES = "aliases"
"""Dataset of (alias, person), both pseudonyms, unique by alias. Un-merging removes a row: events stay as they came."""


def events(engine: Engine, *, name: str = "events", after: int = 0) -> None:
    """Make the events readable as ``name``, each with the person its id stands for now.

    Args:
        after: only events appended by later versions of the dataset than this.

    Raises:
        MissingDataError: nothing was imported yet.
    """
    if manifest.find(engine.root, ALIASES) is None:
        engine.table(name, "events", after=after)
        return
    stored = f"{name}_as_stored"
    engine.table(stored, "events", after=after)
    engine.table("person_aliases", ALIASES)
    engine.table(
        name,
        Sql(
            f"SELECT {', '.join(map(_column, EVENTS.names))} "
            f"FROM {stored} e LEFT JOIN person_aliases a ON a.alias = e.{c.PERSON}"
        ),
    )


def _column(name: str) -> str:
    return f"coalesce(a.{name}, e.{name}) AS {name}" if name == c.PERSON else f"e.{name}"
