"""Who is one person: names linked by what the shop's data claim and by what people decide, and un-linked again.

Everything that was said is kept; who stands for whom is worked out from all of it, so that

- the order in which things were said does not matter (only the last word on the same two names counts),
- taking a link back leaves exactly what would be there had it never been made,
- nothing is renamed: a name that stands for another keeps all that was recorded under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Word(StrEnum):
    """What was said about two names."""

    CLAIM = "claim"  # the shop's data: this visitor turned out to be that person
    MERGE = "merge"  # by hand: these are one person
    SPLIT = "split"  # by hand: these are not one person, whatever the data claim


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing that was said.

    Attributes:
        alias: the name that would stand for the other; in a split the name that is set free.
        person: the other name; empty in a split: ``alias`` is nobody but itself.
        at: when, in microseconds since 1970 UTC; among claims about one alias the earliest holds.
    """

    word: Word
    alias: str
    person: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """All that was said, boiled down to what still counts.

    Attributes:
        claims: (alias, person) to the earliest moment it was claimed.
        merged: pairs merged by hand, the name in use last.
        split: pairs that no claim of the data may link, in both orders: they were set apart by hand. A later merge by
            hand links them all the same.
        alone: names that no claim of the data may link to anyone.
    """

    claims: Mapping[tuple[str, str], int] = field(default_factory=dict)
    merged: frozenset[tuple[str, str]] = frozenset()
    split: frozenset[tuple[str, str]] = frozenset()
    alone: frozenset[str] = frozenset()


def said(sayings: Iterable[Saying]) -> Said:
    """Boil down ``sayings``, in the order in which they were said by hand; claims may stand anywhere among them."""
    claims: dict[tuple[str, str], int] = {}
    merged: set[tuple[str, str]] = set()
    split: set[tuple[str, str]] = set()
    alone: set[str] = set()
    for one in sayings:
        pair, turned = (one.alias, one.person), (one.person, one.alias)
        if one.word is Word.CLAIM:
            claims[pair] = min(one.at, claims.get(pair, one.at))
        elif one.word is Word.MERGE:
            merged.discard(turned)
            merged.add(pair)
        elif one.person:
            merged -= {pair, turned}
            split |= {pair, turned}
        else:
            merged = {other for other in merged if one.alias not in other}
            alone.add(one.alias)
    return Said(claims, frozenset(merged), frozenset(split), frozenset(alone))


def links(known: Said) -> dict[str, str]:
    """Each name that stands for another, to the one in use, which stands for nobody.

    Claims come first: of the claims about one alias the earliest that nothing speaks against holds (ties: by name);
    one that would close a circle is passed over. Then what was merged by hand joins the groups that claims made: in use
    stays the name that was merged into no other; of several, the first by name.

    Example:
        >>> links(said([Saying(Word.CLAIM, "device", "ann", 1), Saying(Word.MERGE, "ann", "anna")]))
        {'ann': 'anna', 'device': 'anna'}
    """
    first = claimed(known)
    if not known.merged and not _has_chains(known):
        return dict(sorted(first.items()))
    roots = _Roots(first)
    joined = _Roots({})
    leaving = set()
    for alias, person in sorted(known.merged):
        one, other = roots.of(alias), roots.of(person)
        if one != other:
            leaving.add(one)
            joined.join(one, other)
    groups: dict[str, set[str]] = {}
    for root in joined.names():
        groups.setdefault(joined.of(root), set()).add(root)
    in_use = {root: min(group - leaving or group) for group in groups.values() for root in group}
    names = {*first, *in_use}
    ends = {name: in_use.get(roots.of(name), roots.of(name)) for name in names}
    return {name: end for name, end in sorted(ends.items()) if name != end}


def claimed(known: Said) -> dict[str, str]:
    """The claims that hold: alias to the person it was claimed for."""
    if not known.split and not known.alone and not _has_chains(known):
        return _earliest(known)
    first: dict[str, str] = {}
    roots = _Roots({})
    for (alias, person), _ in sorted(known.claims.items(), key=lambda claim: (claim[1], claim[0])):
        free = alias not in first and alias not in known.alone and (alias, person) not in known.split
        if free and roots.of(person) != alias:
            first[alias] = person
            roots.hang(alias, person)
    return first


def _has_chains(known: Said) -> bool:
    aliases = {alias for alias, _ in known.claims}
    return any(person in aliases for _, person in known.claims)


def _earliest(known: Said) -> dict[str, str]:
    """The same in one pass, where no alias is claimed for an alias: the usual case of visitors and customers."""
    best: dict[str, tuple[int, str]] = {}
    for (alias, person), at in known.claims.items():
        held = best.get(alias)
        if held is None or (at, person) < held:
            best[alias] = (at, person)
    return {alias: person for alias, (_, person) in best.items()}


def ways(known: Said, name: str) -> list[tuple[str, str]]:
    """Every link that holds ``name``'s group together, as (alias, person): what an un-merge may take back."""
    edges = {*claimed(known).items(), *known.merged}
    group, found = {name}, set[tuple[str, str]]()
    while True:
        reached = {edge for edge in edges if edge[0] in group or edge[1] in group}
        if reached == found:
            return sorted(found)
        found = reached
        group |= {end for edge in reached for end in edge}


class _Roots:
    """A forest of names: each hangs under another or is a root; paths are shortened as they are walked."""

    def __init__(self, above: Mapping[str, str]) -> None:
        self._above = dict(above)
        self._seen: set[str] = set()

    def of(self, name: str) -> str:
        top = name
        while top in self._above:
            top = self._above[top]
        while name != top:
            self._above[name], name = top, self._above[name]
        return top

    def hang(self, root: str, under: str) -> None:
        self._above[root] = under

    def join(self, one: str, other: str) -> None:
        self._seen |= {one, other}
        low, high = sorted((self.of(one), self.of(other)))
        if low != high:
            self._above[high] = low

    def names(self) -> set[str]:
        return self._seen
