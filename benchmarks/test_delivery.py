"""People in, plan, send: CPU and wall seconds of each at size, the words made beforehand. One process, real parts.

``SIYU_BENCH_PEOPLE`` sets how many people there are (default 20,000).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from siyu.delivery import DeliverySettings, Desk, Known, Sender, plan
from siyu.delivery.channels import open_channel
from siyu.domain.campaigns import Campaign, Limits
from siyu.domain.clock import FixedClock
from siyu.domain.copy import ApprovedCopy
from siyu.domain.facts import Fact
from siyu.domain.ids import ItemId, PersonId, stable_id
from siyu.domain.proof import Seal, SealKind
from siyu.privacy.consent import ConsentLedger
from siyu.privacy.contacts import ContactBook
from siyu.privacy.keys import KeyRing
from siyu.privacy.people_import import import_people
from siyu.privacy.pseudonyms import Pseudonymiser
from siyu.privacy.tokens import TokenSigner
from siyu.store import open_store
from siyu.store.ledger import Ledger

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
CLOCK = FixedClock(NOW)
OF = Campaign("spring", NOW - timedelta(1), NOW + timedelta(6), limits=Limits(quiet_from=0, quiet_until=0))
PEOPLE = int(os.environ.get("SIYU_BENCH_PEOPLE", "20000"))


@dataclass
class Parts:
    """Real parts over one store, filled by import_people."""

    folder: Path

    def __post_init__(self) -> None:
        self.keys = KeyRing.create(self.folder / "keys")
        self.store = open_store(self.folder / "store.db")
        self.book = ContactBook(self.store, self.keys, clock=CLOCK, reserved=True)
        self.consents = ConsentLedger(self.store, seal=Seal(SealKind.CONSENT), clock=CLOCK)
        self.pseudonymise = Pseudonymiser(self.keys)
        self.ids = pa.array([f"u{number:07d}" for number in range(PEOPLE)], pa.string())

    def read_in(self) -> None:
        rows = {
            "user_id": self.ids,
            "email": pa.array([f"{one}@people.shop.invalid" for one in self.ids.to_pylist()]),
            "language": ["zh", "en"] * (PEOPLE // 2),
            "timezone": ["Asia/Shanghai"] * PEOPLE,
            "consent_purpose": ["marketing"] * PEOPLE,
            "consent_channel": ["email"] * PEOPLE,
            "consent_at": [f"2026-04-{1 + number % 28:02d}T10:00:00Z" for number in range(PEOPLE)],
            "consent_how": ["ticked the box at checkout"] * PEOPLE,
            "consent_text": ["marketing-2026-01"] * PEOPLE,
        }
        done = import_people(pa.table(rows), book=self.book, consents=self.consents, pseudonymise=self.pseudonymise)
        assert done.people == PEOPLE


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    made = Parts(tmp_path)
    yield made
    made.store.close()


def copy_of(person: str) -> ApprovedCopy:
    number = int(person[:6], 16)
    items = tuple(ItemId(f"i{number % 977 + place}") for place in range(3))
    facts = tuple(
        Fact(item, slot, value, figure, unit, "", "products.csv", NOW)
        for item in items
        for slot, value, figure, unit in (
            ("title", f"夜读灯 {item}", None, ""),
            ("price", "99", 99.0 + number % 50, "CNY"),
            ("image", f"https://pictures.shop.example/{item}.jpg", None, ""),
        )
    )
    return ApprovedCopy(
        message_id=stable_id(OF.name, "0", person, OF.channel),
        person=PersonId(person),
        campaign=OF.name,
        language=("zh", "en")[number % 2],
        parts=(
            ("subject", f"为您留的一盏灯，编号 {number % 1000}"),
            ("preheader", "三档亮度，从黄昏到深夜"),
            ("hook", "夜读的人，值得一盏好灯"),
            ("reveal", f"上个月您看过阅读灯，这一盏是同一位设计师的作品，编号 {number % 5000}。"),
            ("point", "三档亮度"),
            ("point", "放在床头也不占地方"),
            ("call", "去看看"),
            ("more", "同一个抽屉里还有这些："),
        ),
        items=items,
        facts=facts,
        pieces=(),
        brief_id="b1",
        approved_at=NOW,
        seal=Seal(SealKind.REVIEW),
    )


def measured(name: str, benchmark: Any, job: Callable[[], object], each: int) -> None:
    cpu = time.process_time()
    benchmark.pedantic(job, rounds=1, warmup_rounds=0)
    cpu = time.process_time() - cpu
    benchmark.extra_info |= {"cpu_seconds": round(cpu, 2), "us_each": round(cpu / each * 1e6)}
    print(f"\n{name}: {each:,}, {cpu:.1f} s of CPU, {cpu / each * 1e6:.0f} us each")


def known(parts: Parts, people: pa.Array) -> Known:
    return Known(
        messages=pa.table({"person": people, "status": pa.repeat("approved", len(people))}),
        consented=parts.consents.consented(OF.purpose, OF.channel),
    )


def test_import_people(benchmark: Any, parts: Parts) -> None:
    measured("import people", benchmark, parts.read_in, PEOPLE)


def test_import_people_again(benchmark: Any, parts: Parts) -> None:
    parts.read_in()
    measured("the same people again", benchmark, parts.read_in, PEOPLE)


def test_plan(benchmark: Any, parts: Parts) -> None:
    parts.read_in()
    people = parts.pseudonymise(parts.ids)
    audience = pa.table({"person": people})
    ledger = Ledger(parts.store)
    job = lambda: plan(ledger, OF, audience, known=known(parts, people), clock=CLOCK)  # noqa: E731
    measured("plan", benchmark, job, PEOPLE)


@pytest.mark.parametrize("sync", [True, False])
def test_send(benchmark: Any, parts: Parts, tmp_path: Path, sync: bool) -> None:
    parts.read_in()
    people = parts.pseudonymise(parts.ids)
    ledger = Ledger(parts.store)
    planned = plan(ledger, OF, pa.table({"person": people}), known=known(parts, people), clock=CLOCK).planned
    copies = {copy.message_id: copy for copy in map(copy_of, people.to_pylist())}

    def release(ids: Sequence[str], now: datetime) -> Sequence[ApprovedCopy]:
        return [copies[one] for one in ids]

    def permits(some: Sequence[PersonId]) -> Mapping[PersonId, Any]:
        return parts.consents.permits(some, OF.purpose, OF.channel)

    def addresses(some: Sequence[PersonId]) -> Mapping[PersonId, str]:
        return parts.book.addresses(some, OF.channel)

    def job() -> None:
        channel = open_channel("mailbox", {"path": tmp_path / "mail", "sync": sync})
        desk = Desk(ledger, channel, release, permits, addresses, TokenSigner(parts.keys))
        assert Sender(desk, OF, settings=DeliverySettings(), clock=CLOCK).run(alone=True).accepted == planned
        channel.close()

    measured(f"send, {'with' if sync else 'without'} the disk", benchmark, job, planned)
