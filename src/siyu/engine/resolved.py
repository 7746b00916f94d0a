"""Events with people resolved: what an anonymous visitor did belongs to the person they turned out to be."""

from __future__ import annotations

from siyu.domain import columns as c
from siyu.engine import manifest, money
from siyu.engine.port import Engine, Sql
from siyu.engine.schemas import EVENTS

ALIASES = "aliases"
"""Dataset of (alias, person), both pseudonyms, unique by alias; :mod:`siyu.engine.identity` makes it from all that was
said about who is who. Un-merging removes a row: events stay as they came."""


def events(engine: Engine, *, name: str = "events", after: int = 0) -> None:
    """Make the events readable as ``name``, each with the person its id stands for now.

    ``base_price`` is the unit price in the project's currency (:mod:`siyu.engine.money`): the only one to add up.

    Args:
        after: only events appended by later versions of the dataset than this.

    Raises:
        MissingDataError: nothing was imported yet.
    """
    stored, whose = f"{name}_as_stored", f"{name}_by_person"
    engine.table(stored, "events", after=after)
    if manifest.find(engine.root, ALIASES) is None:
        money.priced(engine, stored, name, EVENTS.names)
        return
    engine.table("person_aliases", ALIASES)
    engine.table(
        whose,
        Sql(
            f"SELECT {', '.join(map(_column, EVENTS.names))} "
            f"FROM {stored} e LEFT JOIN person_aliases a ON a.alias = e.{c.PERSON}"
        ),
    )
    money.priced(engine, whose, name, EVENTS.names)


def _column(name: str) -> str:
    return f"coalesce(a.{name}, e.{name}) AS {name}" if name == c.PERSON else f"e.{name}"
