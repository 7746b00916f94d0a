"""A small shop for the delivery tests: real ledger, real tokens, approved copy, permits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from siyu.delivery import DeliverySettings, Desk, Known, SenderIdentity, SendSettings
from siyu.delivery.channels import Channel
from siyu.domain.campaigns import Campaign, Limits
from siyu.domain.contact import Permit
from siyu.domain.copy import ApprovedCopy
from siyu.domain.facts import Fact
from siyu.domain.ids import ItemId, PersonId, stable_id
from siyu.domain.proof import Seal, SealKind
from siyu.privacy.keys import KeyRing
from siyu.privacy.tokens import TokenSigner
from siyu.store import open_store
from siyu.store.ledger import Ledger

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)  # noon in Shanghai
SENDER = SenderIdentity(
    name="灯下 Lamplight",
    address="letters@lamp.example",
    postal="上海市徐汇区示例路 8 号",
    link_host="https://go.lamp.example",
)
SETTINGS = DeliverySettings(sender=SENDER, send=SendSettings(batch=50, lease_seconds=60))


def campaign(name: str = "spring", **changes: object) -> Campaign:
    """A week's campaign without quiet hours and hold-out, unless ``changes`` say so."""
    values: dict[str, object] = {
        "start": NOON - timedelta(days=1),
        "end": NOON + timedelta(days=6),
        "limits": Limits(per_person_messages=50, quiet_from=0, quiet_until=0),
        "hold_out": 0.0,
    }
    return Campaign(name, **{**values, **changes})  # type: ignore[arg-type]


def people(count: int) -> list[str]:
    """Pseudonyms."""
    return [f"{number:032x}" for number in range(count)]


def table(persons: Sequence[str], **columns: Sequence[object]) -> pa.Table:
    """A table of persons with more columns."""
    return pa.table({"person": pa.array(persons, pa.string()), **{name: pa.array(v) for name, v in columns.items()}})


def all_good(persons: Sequence[str]) -> Known:
    """Everybody agreed and has an approved message."""
    return Known(messages=table(persons, status=["approved"] * len(persons)), consented=table(persons))


def fact(item: str, slot: str, value: str, number: float | None = None, unit: str = "") -> Fact:
    """A fact seen at noon."""
    return Fact(ItemId(item), slot, value, number, unit, "", "products.csv", NOON)


def copy_for(person: str, *, of: Campaign, step: int = 0, **changes: object) -> ApprovedCopy:
    """Approved Chinese copy on one lamp."""
    values: dict[str, object] = {
        "message_id": stable_id(of.name, str(step), person, of.channel),
        "person": PersonId(person),
        "campaign": of.name,
        "language": "zh",
        "parts": (
            ("subject", "为您留的一盏灯"),
            ("hook", "夜读的人，值得一盏好灯"),
            ("point", "三档亮度"),
            ("call", "去看看"),
        ),
        "items": (ItemId("lamp"),),
        "facts": (fact("lamp", "title", "夜读灯"), fact("lamp", "price", "99", 99.0, "CNY")),
        "pieces": (),
        "brief_id": "b1",
        "approved_at": NOON,
        "seal": Seal(SealKind.REVIEW),
    }
    return ApprovedCopy(**{**values, **changes})  # type: ignore[arg-type]


def permit_for(person: str, *, of: Campaign, **changes: object) -> Permit:
    """A permit granted a month ago, good for a day."""
    values: dict[str, object] = {
        "person": PersonId(person),
        "purpose": of.purpose,
        "channel": of.channel,
        "proof": "c1",
        "granted_at": NOON - timedelta(days=30),
        "expires": NOON + timedelta(days=30),
        "seal": Seal(SealKind.CONSENT),
    }
    return Permit(**{**values, **changes})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Refused:
    """The gate's no."""

    message_id: str
    reason: str


@dataclass
class Shop:
    """A ledger and what the other rooms would answer; tests change the answers."""

    folder: Path
    of: Campaign = field(default_factory=campaign)
    withdrawn: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    known_addresses: dict[str, str] = field(default_factory=dict)
    copies: Callable[[str], ApprovedCopy] | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ledger = Ledger(open_store(self.folder / "store.db"))
        keys = self.folder / "keys"
        self.signer = TokenSigner(KeyRing.open(keys) if keys.exists() else KeyRing.create(keys))

    def desk(self, channel: Channel, running: Callable[[], bool] = lambda: True) -> Desk:
        """What a sender works with."""
        return Desk(self.ledger, channel, self.release, self.permits, self.addresses, self.signer, running)

    def release(self, ids: Sequence[str], now: datetime) -> list[ApprovedCopy | Refused]:
        """Copy for every id, unless refused."""
        whose = {row["message_id"]: row["person"] for row in self.ledger.lookup(ids).to_pylist()}
        make = self.copies or (lambda person: copy_for(person, of=self.of))
        return [Refused(i, self.refused[whose[i]]) if whose[i] in self.refused else make(whose[i]) for i in ids]

    def permits(self, persons: Sequence[PersonId]) -> Mapping[PersonId, Permit]:
        """Permits of all who did not withdraw."""
        return {p: permit_for(p, of=self.of) for p in persons if p not in self.withdrawn}

    def addresses(self, persons: Sequence[PersonId]) -> Mapping[PersonId, str]:
        """Known addresses."""
        return {p: self.known_addresses[p] for p in persons if p in self.known_addresses}
