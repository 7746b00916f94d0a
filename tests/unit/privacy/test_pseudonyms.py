"""Pseudonyms against the published test vectors of HMAC-SHA-256 (RFC 4231)."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.privacy.keys import KeyRing
from siyu.privacy.pseudonyms import Pseudonymiser


def _with(key: bytes) -> Pseudonymiser:
    return Pseudonymiser(KeyRing(master={}, pseudonym=key, token={}))


@pytest.mark.parametrize(
    ("key", "text", "mac"),
    [  # RFC 4231, sections 4.2, 4.3 and 4.7; a pseudonym is the first half of each
        (b"\x0b" * 20, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            b"\xaa" * 131,
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ],
)
def test_rfc_4231(key: bytes, text: str, mac: str) -> None:
    assert _with(key)(pa.array([text])).to_pylist() == [mac[:32]]


@pytest.mark.parametrize("kind", [pa.array, lambda rows: pa.chunked_array([rows[:2], rows[2:]], pa.string())])
def test_order_repeats_and_nulls_stay(kind: object) -> None:
    rows = ["u1", "u2", None, "u1"]
    found = _with(b"k" * 32)(kind(rows)).to_pylist()  # type: ignore[operator]
    assert found[0] == found[3] != found[1]
    assert found[2] is None
    assert all(len(one) == 32 and int(one, 16) >= 0 for one in found if one)


def test_nothing_in_nothing_out() -> None:
    assert _with(b"k")(pa.array([], pa.string())).to_pylist() == []
    assert _with(b"k")(pa.nulls(2, pa.string())).to_pylist() == [None, None]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True, max_size=30))
def test_different_ids_and_different_keys_never_meet(ids: list[str]) -> None:
    one = _with(b"a" * 32)(pa.array(ids, pa.string())).to_pylist()
    other = _with(b"b" * 32)(pa.array(ids, pa.string())).to_pylist()
    assert len(set(one) | set(other)) == 2 * len(ids)
