"""Tokens: whole, unchanged and for their purpose, or refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.errors import NotPermittedError
from siyu.privacy.keys import KeyRing
from siyu.privacy.tokens import TokenSigner

RING = KeyRing(master={}, pseudonym=b"", token={1: b"1" * 32})
SIGNER = TokenSigner(RING)
FIELDS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=5)


@given(st.text(max_size=20), FIELDS)
def test_verify_gives_back_what_was_signed(purpose: str, fields: list[str]) -> None:
    token = SIGNER.sign(purpose, *fields)
    assert SIGNER.verify(purpose, token) == tuple(fields)
    assert re.fullmatch(r"[A-Za-z0-9._-]+", token)
    assert TokenSigner(RING).sign(purpose, *fields) == token


@given(FIELDS, st.data())
def test_any_change_is_refused(fields: list[str], data: st.DataObject) -> None:
    token = SIGNER.sign("open", *fields)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCabc019-_.=é"))
    changed = token[:place] + letter + token[place + 1 :]
    if changed != token:
        with pytest.raises(NotPermittedError):
            SIGNER.verify("open", changed)
    with pytest.raises(NotPermittedError):
        SIGNER.verify("open", token[:place])
    with pytest.raises(NotPermittedError):
        SIGNER.verify("open", token + letter)


@given(st.text(max_size=200))
def test_nothing_made_up_passes(token: str) -> None:
    with pytest.raises(NotPermittedError):
        SIGNER.verify("open", token)


def test_another_purpose_or_key_is_refused_with_one_text_for_all() -> None:
    token = SIGNER.sign("open", "m1")
    stranger = TokenSigner(KeyRing(master={}, pseudonym=b"", token={1: b"2" * 32}))
    texts = set()
    for verify in (
        lambda: SIGNER.verify("unsubscribe", token),
        lambda: stranger.verify("open", token),
        lambda: SIGNER.verify("open", "9" + token[1:]),
        lambda: SIGNER.verify("open", "x" * 5000),
        lambda: SIGNER.verify("open", ""),
    ):
        with pytest.raises(NotPermittedError) as refused:
            verify()
        texts.add(str(refused.value))
    assert len(texts) == 1


def test_links_signed_before_a_rotation_stay_good_until_their_key_goes() -> None:
    token = SIGNER.sign("open", "m1")
    both = TokenSigner(KeyRing(master={}, pseudonym=b"", token={1: b"1" * 32, 2: b"2" * 32}))
    assert both.verify("open", token) == ("m1",)
    assert both.sign("open", "m1").startswith("2.")
    with pytest.raises(NotPermittedError):
        TokenSigner(KeyRing(master={}, pseudonym=b"", token={2: b"2" * 32})).verify("open", token)


def test_a_token_too_long_for_a_link_is_not_made() -> None:
    with pytest.raises(ValueError, match="too long"):
        SIGNER.sign("open", "x" * 5000)
