"""What is sealed opens only with its keys, for its person and its field."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.errors import NotPermittedError
from siyu.privacy.envelope import Envelope
from siyu.privacy.keys import KeyRing

RING = KeyRing(master={1: b"m" * 32}, pseudonym=b"p" * 32, token={1: b"t" * 32})
ENVELOPE = Envelope(RING)


@given(st.text(), st.text(), st.text())
def test_open_undoes_seal(text: str, person: str, field: str) -> None:
    person, field = person.encode("utf-8", "ignore").decode(), field.encode("utf-8", "ignore").decode()
    wrapped = ENVELOPE.new_key(person)
    sealed = ENVELOPE.seal(text, wrapped=wrapped, person=person, field=field)
    assert ENVELOPE.open(sealed, wrapped=wrapped, person=person, field=field) == text


@given(st.lists(st.none() | st.binary(max_size=200), max_size=20))
def test_payloads_open_as_they_were(rows: list[bytes | None]) -> None:
    payloads = pa.array(rows, pa.binary())
    sealed = ENVELOPE.seal_payloads(payloads)
    assert sealed.type == pa.binary()
    assert ENVELOPE.open_payloads(sealed).equals(payloads)
    assert [len(one) for one in sealed.drop_null().to_pylist()] == [len(row) + 92 for row in rows if row is not None]


def test_text_payloads_and_two_calls_in_one_column() -> None:
    both = pa.concat_arrays([ENVELOPE.seal_payloads(pa.array([text])) for text in ('{"a": "灯"}', "b")])
    assert ENVELOPE.open_payloads(both).cast(pa.string()).to_pylist() == ['{"a": "灯"}', "b"]


def test_the_same_text_never_looks_the_same() -> None:
    wrapped = ENVELOPE.new_key("p")
    sealed = {ENVELOPE.seal("a@example.com", wrapped=wrapped, person="p", field="email") for _ in range(50)}
    assert len(sealed) == 50
    payloads = ENVELOPE.seal_payloads(pa.array(["same"] * 50)).to_pylist()
    assert len({one[-32:] for one in payloads}) == 50


@pytest.mark.parametrize("place", range(43))
def test_any_changed_byte_is_noticed(place: int) -> None:
    wrapped = ENVELOPE.new_key("p")
    sealed = bytearray(ENVELOPE.seal("a@example.com", wrapped=wrapped, person="p", field="email"))
    sealed[place] ^= 1
    with pytest.raises(NotPermittedError):
        ENVELOPE.open(bytes(sealed), wrapped=wrapped, person="p", field="email")


@pytest.mark.parametrize(("person", "field"), [("q", "email"), ("p", "sms"), ("p\x00email", "")])
def test_a_value_moved_elsewhere_does_not_open(person: str, field: str) -> None:
    wrapped = ENVELOPE.new_key("p")
    sealed = ENVELOPE.seal("a@example.com", wrapped=wrapped, person="p", field="email")
    with pytest.raises(NotPermittedError):
        ENVELOPE.open(sealed, wrapped=wrapped, person=person, field=field)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x09" * 80, b"\x01\x01" + b"0" * 20])
def test_rubbish_is_refused(sealed: bytes) -> None:
    with pytest.raises(NotPermittedError):
        ENVELOPE.open(sealed, wrapped=ENVELOPE.new_key("p"), person="p", field="email")
    with pytest.raises(NotPermittedError):
        ENVELOPE.open(sealed, wrapped=sealed, person="p", field="email")
    with pytest.raises(NotPermittedError):
        ENVELOPE.open_payloads(pa.array([sealed], pa.binary()))


def test_other_keys_open_nothing() -> None:
    other = Envelope(KeyRing(master={1: b"x" * 32}, pseudonym=b"", token={}))
    with pytest.raises(NotPermittedError, match="another key"):
        other.open_payloads(ENVELOPE.seal_payloads(pa.array(["a"])))


def test_after_rotation_old_values_open_and_are_wrapped_anew(tmp_path: Path) -> None:
    ring = KeyRing.create(tmp_path / "keys")
    wrapped = Envelope(ring).new_key("p")
    sealed = Envelope(ring).seal("a", wrapped=wrapped, person="p", field="f")
    newer = Envelope(ring.rotate(tmp_path / "keys", "master"))
    again = newer.rewrap(wrapped, "p")
    assert newer.open(sealed, wrapped=wrapped, person="p", field="f") == "a"
    assert newer.open(sealed, wrapped=again, person="p", field="f") == "a"
    with pytest.raises(NotPermittedError, match="not in the folder"):
        Envelope(ring).open(sealed, wrapped=again, person="p", field="f")
