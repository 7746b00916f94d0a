"""A filled form says what the template says, judged by the standard library's parser."""

from __future__ import annotations

import email
from dataclasses import replace
from email import policy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.delivery import forms, mime, render
from siyu.delivery.render import Renderer
from siyu.domain.ids import ItemId

from .shop import NOON, SENDER, Shop, campaign, copy_for, fact, permit_for

OF = campaign()
WORDS = st.text(alphabet=st.sampled_from("灯 aé=.<&>\"'{}%$\ue000\ue001😀\t-"), min_size=1, max_size=90)
PARTS = st.lists(
    st.tuples(
        st.sampled_from(["preheader", "hook", "reveal", "point", "proof", "offer", "call", "more", "notice"]), WORDS
    ),
    max_size=9,
)
ITEMS = st.lists(st.tuples(WORDS, st.booleans(), st.booleans(), st.booleans()), max_size=4)


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    signer = Shop(tmp_path_factory.mktemp("shop")).signer
    return Renderer(SENDER, signer, "spring", open_pixel=True)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(subject=WORDS, parts=PARTS, items=ITEMS, language=st.sampled_from(["zh", "en"]), trap=st.booleans())
def test_a_form_says_what_the_template_says(
    renderer: Renderer, subject: str, parts: list, items: list, language: str, trap: bool
) -> None:
    found = []
    for name, title, price, image in items:
        found += [fact(name, "title", f"{name} title")] if title else []
        found += [fact(name, "price", "99", 99.5, "CNY")] if price else []
        found += [fact(name, "image", f"https://pictures.example/{len(found)}.png?a=1&b=2")] if image else []
    copy = copy_for(
        "p",
        of=OF,
        language=language,
        parts=(("subject", subject.replace("\t", " ")), *parts),
        items=tuple(ItemId(name) for name, *_ in items),
        facts=tuple(found),
    )
    chosen = replace(renderer, honeypot=trap)
    permit = permit_for("p", of=OF)
    raw = chosen.mime(copy, permit, address="reader@r.example", date=NOON)
    assert max(map(len, raw.split(b"\r\n\r\n", 1)[1].split(b"\r\n"))) <= 76  # RFC 2045, 6.7 (5)
    message = email.message_from_bytes(raw, policy=policy.default)
    letter = chosen.letter(copy, permit, copy.message_id)
    for part, rendered in zip(message.iter_parts(), (render.text(letter), render.html(letter)), strict=True):
        assert not part.defects
        assert part.get_payload(decode=True).decode() == mime.lines(rendered)


def test_letters_of_one_shape_share_a_form(renderer: Renderer) -> None:
    fresh = replace(renderer, _forms={})
    for number in range(5):
        copy = copy_for(f"p{number}", of=OF, parts=(("subject", f"s{number}"), ("hook", f"h{number}")))
        fresh.mime(copy, permit_for(copy.person, of=OF), address="reader@r.example", date=NOON)
    assert len(fresh._forms) == 1


def test_shapes_differ_where_a_template_branches(tmp_path: Path, renderer: Renderer) -> None:
    base = copy_for("p", of=OF)
    changes: list[dict[str, object]] = [
        {"language": "en"},
        {"parts": (*base.parts, ("point", "x"))},
        {"parts": (*base.parts, ("notice", "x"))},
        {"items": ()},
        {"facts": base.facts[:1]},
    ]
    copies = [base, *(copy_for("p", of=OF, **change) for change in changes)]
    permit = permit_for("p", of=OF)
    assert len({forms.shape(renderer.letter(copy, permit, "m")) for copy in copies}) == len(copies)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_quoted_printable_comes_back(text: str) -> None:
    part = b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + mime.quoted(mime.lines(text))
    assert email.message_from_bytes(part).get_payload(decode=True).decode() == mime.lines(text)  # type: ignore[union-attr]
