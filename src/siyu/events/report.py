"""What an import did, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Counts of one import: ``read == accepted + sum(quarantined.values())``, exactly.

    Attributes:
        files, skipped: files read now, and files not read because the same bytes were imported before.
        read: rows in the files read (a Segment order counts once per product).
        accepted: rows kept, ``links`` (identify and alias rows) among them.
        events: events written; more than ``accepted - links`` where a return undoes several purchases.
        kinds: events written by kind.
        quarantined, fields: rows set aside by reason, and by the field at fault.
        people: distinct pseudonyms among the events written.
        aliases, alias_conflicts: anonymous ids newly linked, and claims refused because another person came first.
        unmatched_quantity: quantity of accepted returns beyond what had been bought.
        resumed: an earlier import of the same files was cut off and is completed by this one.
        again: the settings have changed, so every file was read anew in place of what the source had given.
        healed: returns of earlier imports that had been set aside, or were matched in part, and found their purchase
            among the rows of this one. They are events now, and not counted above.
    """

    source: str
    files: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    read: int = 0
    accepted: int = 0
    links: int = 0
    events: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)
    quarantined: Mapping[str, int] = field(default_factory=dict)
    fields: Mapping[str, int] = field(default_factory=dict)
    people: int = 0
    first: datetime | None = None
    last: datetime | None = None
    aliases: int = 0
    alias_conflicts: int = 0
    unmatched_quantity: float = 0.0
    resumed: bool = False
    again: bool = False
    healed: int = 0
