"""The channel port: what every channel promises. Parametrised by the registry: a new one is tested once registered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from siyu.delivery.channels import CHANNELS, Channel, Outbound, Outcome, open_channel
from siyu.delivery.render import Renderer
from siyu.domain.errors import SettingsError

from ..unit.delivery.shop import NOON, SENDER, Shop, campaign, copy_for, people, permit_for

OF = campaign()


def options(name: str, folder: Path) -> dict[str, object]:
    """Options under ``folder`` for channels that keep files."""
    return {"path": folder / name} if "path" in CHANNELS.load(name).Options.model_fields else {}


@pytest.fixture(params=sorted(CHANNELS))
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Channel:
    """Every registered channel that does not reach people outside."""
    if CHANNELS.load(request.param).capabilities.real:
        pytest.skip("reaches people outside")
    return open_channel(request.param, options(request.param, tmp_path))


@pytest.fixture
def batch(tmp_path: Path) -> list[Outbound]:
    """Three messages, Chinese inside."""
    signer = Shop(tmp_path / "shop").signer
    made = []
    for person in people(3):
        copy, permit = copy_for(person, of=OF), permit_for(person, of=OF)
        address = f"{person}@reader.example"
        mime = Renderer(SENDER, signer, OF.name).mime(copy, permit, address=address, date=NOON)
        made.append(Outbound(copy.message_id, address, mime, copy, permit))
    return made


def ids(messages: Sequence[object]) -> list[str]:
    return [message.message_id for message in messages]  # type: ignore[attr-defined]


def test_one_receipt_a_message_in_order(opened: Channel, batch: list[Outbound]) -> None:
    receipts = opened.send(batch)
    assert ids(receipts) == ids(batch)
    assert {receipt.outcome for receipt in receipts} == {Outcome.ACCEPTED}


def test_an_empty_batch_is_nothing(opened: Channel) -> None:
    assert list(opened.send([])) == []


def test_it_says_what_it_is(opened: Channel) -> None:
    assert opened.name in CHANNELS
    assert opened.capabilities == CHANNELS.load(opened.name).capabilities
    assert opened.capabilities.batch >= 1


def test_the_same_message_twice_is_accepted_twice(opened: Channel, batch: list[Outbound]) -> None:
    opened.send(batch)
    assert {receipt.outcome for receipt in opened.send(batch)} == {Outcome.ACCEPTED}


def test_closing_twice_is_fine(opened: Channel, batch: list[Outbound]) -> None:
    opened.send(batch)
    opened.close()
    opened.close()


@pytest.mark.parametrize("name", sorted(CHANNELS))
def test_options_are_described_and_strict(name: str) -> None:
    model = CHANNELS.load(name).Options
    assert all(field.description for field in model.model_fields.values())
    with pytest.raises(SettingsError, match="no_such_option"):
        open_channel(name, {"no_such_option": 1})


def test_unknown_channels_name_the_known() -> None:
    with pytest.raises(SettingsError, match="mailbox, recording"):
        open_channel("pigeon")


def test_the_mailbox_keeps_one_file_a_message(tmp_path: Path, batch: list[Outbound]) -> None:
    folder = tmp_path / "mail"
    open_channel("mailbox", {"path": folder}).send(batch)
    first = folder / "new" / batch[0].message_id
    assert first.read_bytes() == batch[0].mime
    first.rename(folder / "cur" / f"{batch[0].message_id}:2,S")  # a reader opened it
    (folder / "tmp" / batch[1].message_id).write_bytes(b"half")  # a crash while writing
    open_channel("mailbox", {"path": folder}).send(batch)
    assert sorted(p.name for p in (folder / "new").iterdir()) == sorted(ids(batch[1:]))
    assert len(list((folder / "cur").iterdir())) == 1


def test_the_recording_channel_keeps_one_copy(batch: list[Outbound]) -> None:
    channel = open_channel("recording")
    channel.send(batch)
    channel.send(batch)
    assert ids(channel.sent) == ids(batch)  # type: ignore[attr-defined]
