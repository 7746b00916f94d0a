"""Merging two names of one person, taking it back, and showing what holds a person together.

What was said lies in dataset ``identity`` (see :mod:`siyu.engine.identity`); the store follows it, so that consent and
suppressions of all names of a person count together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from siyu.app.links import follow
from siyu.app.shop import Shop
from siyu.app.words import say
from siyu.domain.errors import MissingDataError, SettingsError
from siyu.domain.identity import Said, Saying, Word, links, said, ways
from siyu.domain.ids import PersonId
from siyu.engine import identity
from siyu.store import audit
from siyu.store import people as people_records

ACTOR = "siyu identity"


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a person: the pseudonym, and the shop's own id where it is known."""

    person: PersonId
    external_id: str


@dataclass(frozen=True, slots=True)
class Link:
    """What holds two names together: ``claim`` (the shop's data) or ``merge`` (by hand)."""

    word: str
    alias: Name
    person: Name


@dataclass(frozen=True, slots=True)
class Standing:
    """A person over all names: the one in use, the others, and every link among them."""

    in_use: Name
    others: tuple[Name, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """What a merge or an un-merge changed: where both names stand now, and whether anything is different."""

    changed: bool
    standings: tuple[Standing, ...]


def show(shop: Shop, asked: str) -> Standing:
    """Every name of a person, and what links them.

    Raises:
        MissingDataError: nothing is known of that person.
    """
    return _standing(shop, identity.known(shop.engine), _known(shop, asked))


def merge(shop: Shop, alias: str, person: str) -> Changed:
    """Say that two names are one person; ``person`` is the name in use from now on, unless it was merged away itself.

    Raises:
        MissingDataError: nothing is known of one of them.
        SettingsError: both are the same name.
    """
    one, other = _known(shop, alias), _known(shop, person)
    if one == other:
        raise SettingsError("A person cannot be merged with themselves.", next_step="Give two different ids.")
    return _say(shop, Saying(Word.MERGE, one, other), (one, other))


def unmerge(shop: Shop, alias: str, person: str = "") -> Changed:
    """Say that two names are not one person, whatever the data claim, or that ``alias`` is nobody but itself.

    Raises:
        MissingDataError: nothing is known of one of them.
        SettingsError: no link lies between these two; the text names those there are.
    """
    one = _known(shop, alias)
    other = _known(shop, person) if person else PersonId("")
    known = identity.known(shop.engine)
    between = {frozenset(way) for way in ways(known, one)}
    wanted = frozenset((one, other))
    if not between or (other and wanted not in between):
        raise _no_link(shop, known, one, other)
    reached = {name for way in between for name in way}
    return _say(shop, Saying(Word.SPLIT, one, other), (one, *((other,) if other else sorted(reached - {one}))))


def _say(shop: Shop, word: Saying, touched: tuple[PersonId | str, ...]) -> Changed:
    before = identity.known(shop.engine)
    after = said([*_replayed(before), word])
    changed = links(before) != links(after) or before != after
    if changed:
        moment = shop.clock.now()
        now = Saying(word.word, word.alias, word.person, int(moment.timestamp() * 1_000_000))
        with shop.store.connection(durable=True) as connection:  # who decided is on record before it counts
            audit.append(
                connection,
                at=moment,
                actor=ACTOR,
                action=f"identity.{word.word.value}",
                subject=word.alias,
                detail={"person": word.person},
            )
        identity.say(shop.engine, [now], ACTOR)
        follow(shop.engine, shop.store)
    seen: dict[str, Standing] = {}
    for name in touched:
        standing = _standing(shop, after, PersonId(name))
        seen.setdefault(standing.in_use.person, standing)
    return Changed(changed, tuple(seen.values()))


def _replayed(known: Said) -> list[Saying]:
    """Sayings that boil down to ``known``."""
    return [
        *(Saying(Word.CLAIM, alias, person, at) for (alias, person), at in known.claims.items()),
        *(Saying(Word.SPLIT, alias, "") for alias in known.alone),
        *(Saying(Word.SPLIT, alias, person) for alias, person in known.split),
        *(Saying(Word.MERGE, alias, person) for alias, person in known.merged),
    ]


def _standing(shop: Shop, known: Said, asked: PersonId) -> Standing:
    found = ways(known, asked)
    now = links(known)
    names = {name for way in found for name in way} | {asked}
    ids: Mapping[PersonId, str] = shop.contacts.external_ids([PersonId(name) for name in sorted(names)])
    used = now.get(asked, asked)

    def name(person: str) -> Name:
        return Name(PersonId(person), ids.get(PersonId(person), ""))

    every = tuple(
        Link("merge" if (alias, person) in known.merged else "claim", name(alias), name(person))
        for alias, person in found
    )
    return Standing(name(used), tuple(name(other) for other in sorted(names - {used})), every)


def _known(shop: Shop, asked: str) -> PersonId:
    person = shop.person(asked)
    with shop.store.reading() as connection:
        if person in people_records.known(connection, [person]):
            return person
    raise MissingDataError(
        f"Nothing is known of {asked!r}.",
        why="No event and no contact belongs to that id.",
        next_step="Give the shop's own customer id, or the pseudonym shown in a report.",
        person=asked,
    )


def _no_link(shop: Shop, known: Said, one: PersonId, other: PersonId) -> SettingsError:
    standing = _standing(shop, known, one)
    shown = ", ".join(f"{_shown(link.alias)} - {_shown(link.person)}" for link in standing.links)
    return SettingsError(
        f"{_shown_id(shop, one)} was not linked to {_shown_id(shop, other)}." if other else "There is no link to undo.",
        why=f"What links this person: {shown}." if shown else "This name stands alone.",
        next_step="Name both ends of one of these links." if shown else "Look at it with `siyu identity show`.",
    )


def _shown(name: Name) -> str:
    return name.external_id or name.person


def _shown_id(shop: Shop, person: PersonId) -> str:
    return shop.contacts.external_ids([person]).get(person) or person


def sentences(done: Changed | Standing) -> list[str]:
    """Where people stand, line by line."""
    if isinstance(done, Standing):
        return _lines(done)
    lines = [line for standing in done.standings for line in _lines(standing)]
    return [*lines, say("identity.next" if done.changed else "identity.unchanged")]


def _lines(standing: Standing) -> list[str]:
    def words(name: Name) -> str:
        return f"{name.external_id} ({name.person})" if name.external_id else name.person

    lines = [words(standing.in_use)]
    lines += [f"    {say('identity.also')} {words(other)}" for other in standing.others]
    lines += [
        f"    {say(f'identity.{link.word}')} {_shown(link.alias)} -> {_shown(link.person)}" for link in standing.links
    ]
    return lines if standing.others else [*lines, f"    {say('identity.alone')}"]
