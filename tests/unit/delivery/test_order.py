"""Sending in the order in which the words lie, and what the mailbox leaves after a power cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from siyu.delivery import Sender, plan
from siyu.delivery.channels import Outbound, open_channel
from siyu.delivery.channels.journal import Journal, left_behind
from siyu.delivery.channels.port import Outcome
from siyu.delivery.channels.recording import RecordingChannel, RecordingOptions
from siyu.domain.clock import FixedClock
from siyu.domain.errors import StorageError
from siyu.domain.ids import stable_id
from siyu.store.ledger import Line

from .shop import NOON, SETTINGS, Shop, all_good, copy_for, people, permit_for, table

NOW = FixedClock(NOON)
PERSONS = people(20)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path)
    made.known_addresses = {p: f"{p}@reader.example" for p in PERSONS}
    plan(made.ledger, made.of, table(PERSONS), known=all_good(PERSONS), clock=NOW)
    return made


def ordered(shop: Shop, channel: RecordingChannel, wanted: list[str], asked: list[int] | None = None) -> Sender:
    """A sender whose words lie in the order of ``wanted``, seven at a time."""

    def order(due: pa.Array, size: int) -> Iterator[Sequence[str]]:
        there = set(due.to_pylist())
        kept = [one for one in wanted if one in there]
        (asked if asked is not None else []).append(len(due))
        for start in range(0, len(kept), min(size, 7)):
            yield kept[start : start + 7]

    return Sender(replace(shop.desk(channel), order=order), shop.of, settings=SETTINGS, clock=NOW)


def ids(shop: Shop) -> list[str]:
    return [stable_id(shop.of.name, "0", person, shop.of.channel) for person in PERSONS]


def test_words_are_read_in_their_order(shop: Shop) -> None:
    channel, wanted = RecordingChannel(RecordingOptions()), ids(shop)[::-1]
    assert ordered(shop, channel, wanted).run().accepted == 20
    assert [m.message_id for m in channel.sent][:7] == sorted(
        wanted[:7], key=[m.message_id for m in channel.sent].index
    )
    assert {m.message_id for m in channel.sent[:7]} == set(wanted[:7])
    assert {m.message_id for m in channel.sent} == set(wanted)


def test_those_without_a_place_go_afterwards(shop: Shop) -> None:
    channel = RecordingChannel(RecordingOptions())
    assert ordered(shop, channel, ids(shop)[:3]).run().accepted == 20
    assert {m.message_id for m in channel.sent[:3]} == set(ids(shop)[:3])


def test_only_what_is_due_is_claimed(shop: Shop) -> None:
    line = Line(shop.of.name, 0, shop.of.channel)
    first = ids(shop)[:4]
    other = shop.ledger.lease(line, "other", now=NOON, until=NOON.replace(hour=23), ids=first)
    assert {row.message_id for row in other} == set(first)
    channel, asked = RecordingChannel(RecordingOptions()), []
    assert ordered(shop, channel, ids(shop), asked).run().accepted == 16
    assert asked == [16]
    assert not {m.message_id for m in channel.sent} & set(first)


def test_a_limit_holds(shop: Shop) -> None:
    channel = RecordingChannel(RecordingOptions())
    assert ordered(shop, channel, ids(shop)).run(limit=9).accepted == 9


def outbound(shop: Shop, count: int) -> list[Outbound]:
    made = []
    for number, person in enumerate(PERSONS[:count]):
        copy = copy_for(person, of=shop.of)
        mime = f"Message-ID: <{copy.message_id}>\r\n\r\n{number}\r\n".encode()
        made.append(Outbound(copy.message_id, f"{person}@r.example", mime, copy, permit_for(person, of=shop.of)))
    return made


def test_after_a_power_cut_the_journal_gives_back_what_the_folder_lost(shop: Shop, tmp_path: Path) -> None:
    mail = tmp_path / "mail"
    batch = outbound(shop, 5)
    open_channel("mailbox", {"path": mail}).send(batch)  # never closed: the process died; its lock went with it
    for lost in batch[:2]:
        (mail / "new" / lost.message_id).unlink()
    (mail / "new" / batch[2].message_id).rename(mail / "cur" / f"{batch[2].message_id}:2,S")
    again = open_channel("mailbox", {"path": mail})
    assert sorted(p.name for p in (mail / "new").iterdir()) == sorted(m.message_id for m in batch if m is not batch[2])
    assert all((mail / "new" / m.message_id).read_bytes() == m.mime for m in batch[:2])
    assert not list((mail / "journal").iterdir())
    again.close()


def test_a_message_cut_off_in_the_journal_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    journal = Journal(tmp_path)
    journal.add({"a": b"one\n2 3\n", "b": b"three"})
    path = next((tmp_path / "journal").iterdir())
    assert list(left_behind(tmp_path)) == []  # its sender lives
    assert path.exists()
    whole = path.read_bytes()
    journal.close()
    path.write_bytes(whole[:-1])
    assert list(left_behind(tmp_path)) == [("a", b"one\n2 3\n")]
    assert not path.exists()


def test_closing_empties_the_journal(shop: Shop, tmp_path: Path) -> None:
    channel = open_channel("mailbox", {"path": tmp_path / "mail"})
    channel.send(outbound(shop, 3))
    assert list((tmp_path / "mail" / "journal").iterdir())
    channel.close()
    assert not list((tmp_path / "mail" / "journal").iterdir())
    assert len(list((tmp_path / "mail" / "new").iterdir())) == 3


def many(shop: Shop) -> list[Outbound]:
    """More than a hundred: their files are written by a thread of their own."""
    (first, *_) = outbound(shop, 1)
    ids = [f"m{number:03d}" for number in range(130)]
    return [replace(first, message_id=one, mime=f"Message-ID: <{one}>\r\n\r\nx\r\n".encode()) for one in ids]


def test_files_of_large_batches_are_all_there_when_the_channel_is_closed(shop: Shop, tmp_path: Path) -> None:
    channel, batch = open_channel("mailbox", {"path": tmp_path}), many(shop)
    for part in (batch[:70], batch[:100], batch[30:]):  # what comes twice is one file
        assert [receipt.outcome for receipt in channel.send(part)] == [Outcome.ACCEPTED] * len(part)
    channel.close()
    assert {p.name: p.read_bytes() for p in (tmp_path / "new").iterdir()} == {m.message_id: m.mime for m in batch}
    assert not list((tmp_path / "journal").iterdir())


def test_what_was_accepted_and_could_not_be_written_is_told_and_written_by_the_next_sender(
    shop: Shop, tmp_path: Path
) -> None:
    channel, batch = open_channel("mailbox", {"path": tmp_path}), many(shop)
    (tmp_path / "new").rmdir()
    assert len(channel.send(batch[:100])) == 100  # in the journal
    with pytest.raises(StorageError, match="mailbox cannot be written"):
        channel.send(batch[100:])
    channel.close()
    open_channel("mailbox", {"path": tmp_path}).close()
    assert {p.name: p.read_bytes() for p in (tmp_path / "new").iterdir()} == {m.message_id: m.mime for m in batch[:100]}
