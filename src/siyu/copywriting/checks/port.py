"""The check port: a line of copy, what it is read against, and findings."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, runtime_checkable

from siyu.domain.copy import Finding
from siyu.domain.kinds import Severity


@dataclass(frozen=True)
class Line:
    """A line to be read.

    Attributes:
        part: ``subject``, ``hook`` ...; ``body`` for all parts but subject and preheader together.
        text: filled; or, before filling, with every slot as U+FFFC.
        values: what was put into its slots, as shown.
        slots: names of its slots.
    """

    part: str
    text: str
    values: tuple[str, ...] = ()
    slots: frozenset[str] = frozenset()

    @cached_property
    def rest(self) -> str:
        """The text with each of its values (also where it begins a sentence) as marks of the same length.

        Example:
            >>> Line("hook", "Milk and more milk.", ("milk",)).rest.count(chr(0xFFFC))
            8
        """
        text = self.text
        for value in sorted(set(self.values), key=len, reverse=True):
            for form in (value, value[:1].upper() + value[1:]) if value else ():
                text = text.replace(form, "\ufffc" * len(form))
        return text

    @cached_property
    def words(self) -> str:
        """The same with one mark for each value, however long: what many lines of one template share.

        Example:
            >>> Line("hook", "Milk and tea.", ("milk", "tea")).words
            '\ufffc and \ufffc.'
        """
        return _VALUE.sub("\ufffc", self.rest)


_VALUE = re.compile("\ufffc+")


@dataclass(frozen=True, slots=True)
class Context:
    """What lines are read against.

    Attributes:
        limits: width by part, in Chinese characters; a part that is not there has none.
        brands, attribute_values: those of the catalogue; a text may name only those it holds as values.
        own_domains: addresses a text may hold.
        common: words that are no claim although some brand or attribute is called so.
    """

    language: str
    channel: str
    place: str
    industry: str
    limits: Mapping[str, int] = field(default_factory=dict)
    brands: frozenset[str] = frozenset()
    attribute_values: frozenset[str] = frozenset()
    own_domains: tuple[str, ...] = ()
    common: frozenset[str] = frozenset()


class Check(Protocol):
    """Notices one kind of fault.

    One that reads nothing of a line but its ``rest`` may have an attribute ``of_rest = True``: it is then not asked
    again about words in which it has found nothing. One that can look through many lines at once may have a method
    ``suspects`` (:class:`Screening`): the others are then not read one by one.
    """

    name: str

    def look(self, line: Line) -> list[Finding]:
        """Findings in ``line``, in order of place; empty for a good line."""
        ...


@runtime_checkable
class Screening(Protocol):
    """A check that looks through many lines at once."""

    def suspects(self, lines: Sequence[Line]) -> Collection[int]:
        """Places of all lines in which ``look`` would find something; others may be among them."""
        ...


class CheckFactory(Protocol):
    """Makes a check for a context; whatever can be compiled is compiled here."""

    def __call__(self, context: Context) -> Check:
        """The check for ``context``."""
        ...


def finding(
    rule: str,
    line: Line,
    span: tuple[int, int],
    *,
    remedy: str,
    source: str = "siyu",
    severity: Severity = Severity.BLOCK,
) -> Finding:
    """A finding at ``span`` of the line's text.

    Example:
        >>> finding("markup.slot", Line("hook", "Hi {name}"), (3, 9), remedy="Fill it.").excerpt
        '{name}'
    """
    start, end = span
    return Finding(rule, severity, line.part, start, end, line.text[start:end][:60], 1.0, source, remedy)
