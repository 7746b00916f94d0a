"""Runs every check over lines, and remembers lines it has read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

from siyu.copywriting import phrases
from siyu.copywriting.checks.facts import stated
from siyu.copywriting.checks.law import rules
from siyu.copywriting.checks.port import Check, Context, Line, Screening
from siyu.copywriting.checks.table import CHECKS
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.shelf import Shelf
from siyu.copywriting.slots import ANGLES, PERSON_SLOTS, fact_slot
from siyu.copywriting.templates import compile_line
from siyu.copywriting.tongues import tongue
from siyu.domain.campaigns import Campaign
from siyu.domain.copy import Brief, Finding, Piece
from siyu.domain.kinds import Severity

_REMEMBERED = 200_000
_PieceRead: TypeAlias = tuple[tuple[Finding, ...], Mapping[str, Sequence[str]]]
_STOPS = frozenset({Severity.BLOCK, Severity.NEEDS_EVIDENCE, Severity.HUMAN})


class Reviewer:
    """Every check of the table, made for one context."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._checks = [CHECKS.load(name)(context) for name in CHECKS]
        self._of_rest = [bool(getattr(check, "of_rest", False)) for check in self._checks]
        self._read: dict[Line, tuple[Finding, ...]] = {}
        self._pieces: dict[tuple[str, str], _PieceRead] = {}
        self._clean: set[str] = set()  # words without values in which checks of such words found nothing

    def look(self, line: Line) -> tuple[Finding, ...]:
        """Findings of every check in one line."""
        found = self._read.get(line)
        if found is None:
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            found = self._read[line] = self.read(line)
        return found

    def read(self, line: Line) -> tuple[Finding, ...]:
        """The same, for whoever remembers lines already."""
        known = line.rest in self._clean
        found: list[Finding] = []
        is_clean = True
        for check, of_rest in zip(self._checks, self._of_rest, strict=True):
            if not (of_rest and known):
                noticed = check.look(line)
                found += noticed
                is_clean &= not (of_rest and noticed)
        if is_clean and not known and len(self._clean) < _REMEMBERED:
            self._clean.add(line.rest)
        return tuple(found)

    def read_all(self, lines: Sequence[Line]) -> list[tuple[Finding, ...]]:
        """:meth:`read` for many lines: each check looks through all, and reads those that may hold something."""
        found: dict[int, list[Finding]] = {}
        by_rest: dict[str, list[int]] = {}
        for place, line in enumerate(lines):
            if line.rest not in self._clean:
                by_rest.setdefault(line.rest, []).append(place)
        unclean: set[str] = set()
        for check, of_rest in zip(self._checks, self._of_rest, strict=True):
            places = [places[0] for places in by_rest.values()] if of_rest else range(len(lines))
            for at in sorted(_suspects(check, [lines[place] for place in places])):
                same = by_rest[lines[places[at]].rest] if of_rest else (places[at],)
                for place in same:
                    noticed = check.look(lines[place])
                    if noticed:
                        found.setdefault(place, []).extend(noticed)
                        unclean |= {lines[place].rest} if of_rest else set()
        if len(self._clean) < _REMEMBERED:
            self._clean |= by_rest.keys() - unclean
        return [tuple(found.get(place, ())) for place in range(len(lines))]

    def look_at_pieces(self, brief: Brief, pieces: Iterable[Piece]) -> list[Finding]:
        """Findings in pieces before they are filled; ``part`` of each is the piece's id.

        Cautions are left for the filled text.
        """
        known = {fact.slot for fact in brief.facts} | ({ANGLES[0]} if brief.angle_facet else set())
        found: list[Finding] = []
        for piece in pieces:
            noticed, needs = self._piece(piece.part, piece.text)
            if noticed or not needs.keys() <= known:
                found += [_about(finding, piece.piece_id) for finding in noticed]
                found += [
                    _unknown_slot(piece.piece_id, slot)
                    for fact, slots in needs.items() if fact not in known for slot in slots
                ]  # fmt: skip
        return found

    def _piece(self, part: str, text: str) -> _PieceRead:
        """What bars a line before it is filled, and the facts it needs; once a line, for many briefs share it."""
        read = self._pieces.get((part, text))
        if read is None:
            template = compile_line(text)
            line = Line(part, template.masked, ("\ufffc",) * bool(template.slots), frozenset(template.slots))
            needs: dict[str, list[str]] = {}
            for slot in template.slots:
                if slot not in PERSON_SLOTS:
                    needs.setdefault(fact_slot(slot), []).append(slot)
            read = tuple(finding for finding in self.read(line) if finding.severity in _STOPS), needs
            if len(self._pieces) >= _REMEMBERED:
                self._pieces.clear()
            self._pieces[(part, text)] = read
        return read

    @property
    def has_law(self) -> bool:
        """Whether the campaign's place has a law pack; without one a person must approve."""
        return bool(rules(self.context.place))


def _suspects(check: Check, lines: Sequence[Line]) -> Collection[int]:
    """Places of the lines that a check must read one by one."""
    return check.suspects(lines) if isinstance(check, Screening) else range(len(lines))


def _about(finding: Finding, piece_id: str) -> Finding:
    return Finding(
        finding.rule, finding.severity, piece_id, finding.start, finding.end, finding.excerpt, finding.confidence,
        finding.source, finding.remedy,
    )  # fmt: skip


def _unknown_slot(piece_id: str, slot: str) -> Finding:
    return Finding(
        "facts.unknown-slot", Severity.BLOCK, piece_id, 0, 0, slot[:60], 1.0, "siyu", "Use a slot that the brief holds."
    )


def status(findings: Sequence[Finding], *, has_law: bool) -> str:
    """What becomes of a message: ``refused``, ``human`` or ``approved``.

    Example:
        >>> status((), has_law=True), status((), has_law=False)
        ('approved', 'human')
    """
    severities = {finding.severity for finding in findings}
    if severities & {Severity.BLOCK, Severity.REQUIRED_TEXT}:
        return "refused"
    asks = severities & {Severity.NEEDS_EVIDENCE, Severity.HUMAN}
    return "human" if asks or not has_law else "approved"


def context_for(campaign: Campaign, settings: CopySettings, shelf: Shelf, language: str) -> Context:
    """The context of a campaign's lines in one language."""
    words = {word.casefold() for line in phrases.every_line(language) for word in line.replace("{", " ").split()}
    chinese = " ".join(phrases.every_line(language)) if not tongue(language).spaced else ""
    named = {value for value in (*shelf.brands, *shelf.attribute_values, *stated(language)) if value in chinese}
    return Context(
        language=language,
        channel=campaign.channel,
        place=campaign.place,
        industry=campaign.industry,
        limits=settings.limits.get(campaign.channel, {}),
        brands=shelf.brands,
        attribute_values=shelf.attribute_values,
        own_domains=settings.own_domains,
        common=frozenset({word.strip(".,:;!?'“”") for word in words} | {value.casefold() for value in named}),
    )
