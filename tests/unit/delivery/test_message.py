"""The message, judged by the standard library's parsers: headers, parts, escaping, links."""

from __future__ import annotations

import email
import re
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.delivery import SenderIdentity, mime
from siyu.delivery.render import Renderer
from siyu.domain.copy import ApprovedCopy
from siyu.domain.errors import InputError, NotPermittedError
from siyu.domain.ids import ItemId

from .shop import NOON, SENDER, Shop, campaign, copy_for, fact, permit_for

OF = campaign()
LONG = "给夜里还亮着灯的你：一盏不晃眼的阅读灯，三档亮度，从黄昏到深夜都合适，放在床头也不占地方"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def parsed(shop: Shop, copy: ApprovedCopy, **more: object) -> EmailMessage:
    renderer = Renderer(SENDER, shop.signer, "spring", **more)  # type: ignore[arg-type]
    raw = renderer.mime(copy, permit_for(copy.person, of=OF), address="reader@r.example", date=NOON)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    raw.decode("ascii")
    message = email.message_from_bytes(raw, policy=policy.default)
    assert not message.defects
    return message  # type: ignore[return-value]


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_headers(shop: Shop) -> None:
    copy = copy_for("p", of=OF, parts=(("subject", LONG), ("hook", "x")))
    message = parsed(shop, copy)
    assert message["Subject"] == LONG
    assert message["From"].addresses[0].display_name == SENDER.name
    assert message["From"].addresses[0].addr_spec == SENDER.address
    assert message["To"] == "reader@r.example"
    assert message["Message-ID"] == f"<{copy.message_id}@go.lamp.example>"
    assert parsedate_to_datetime(message["Date"]) == NOON
    assert message["List-Id"] == "<spring.go.lamp.example>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"  # RFC 8058, section 3.1
    link = re.fullmatch(r"<https://go\.lamp\.example/unsubscribe/([A-Za-z0-9._-]+)>", message["List-Unsubscribe"])
    assert link
    assert shop.signer.verify("unsubscribe", link[1]) == (copy.message_id,)
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("language", ["zh", "en", "zh-Hant", "de"])
def test_every_approved_part_is_in_both_bodies(shop: Shop, language: str) -> None:
    parts = tuple((name, f"{name} 文字 {i}") for i, name in enumerate(
        ("subject", "preheader", "hook", "reveal", "point", "point", "proof", "offer", "call", "more", "notice")
    ))  # fmt: skip
    message = parsed(shop, copy_for("p", of=OF, language=language, parts=parts))
    for name, words in parts[2:]:
        assert words in body(message, "plain"), name
    for name, words in parts:
        assert words in body(message, "html"), name
    for kind in ("plain", "html"):
        assert SENDER.postal in body(message, kind)
        assert SENDER.name in body(message, kind)
        assert "/unsubscribe/" in body(message, kind)


class Links(HTMLParser):
    """Collects links, pictures and the attributes that could run something."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.images: list[str] = []
        self.tags: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes a tag."""
        self.tags.append(tag)
        for name, value in attrs:
            if name == "href":
                self.links.append(value or "")
            if name == "src":
                self.images.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)


def seen(html: str) -> Links:
    reader = Links()
    reader.feed(html)
    return reader


def test_nothing_from_outside_becomes_markup_or_a_template(shop: Shop) -> None:
    evil = "{{7*7}} {% raw %} <img src=x onerror=alert(1)> <script>alert(2)</script> ${7*7} {user.__class__} \" ' &"
    items = (ItemId('a"><script>'), ItemId("javascript:alert(1)"))
    facts = (
        fact(items[0], "title", evil),
        fact(items[0], "image", "javascript:alert(3)"),
        fact(items[1], "image", "http://plain.example/x.png"),
        fact(items[1], "title", evil),
    )
    parts = tuple((name, evil) for name in ("subject", "preheader", "hook", "point", "proof", "offer", "call", "other"))
    message = parsed(shop, copy_for("p", of=OF, parts=parts, items=items, facts=facts), open_pixel=True)
    assert message["Subject"] == evil
    assert evil in body(message, "plain")
    page = seen(body(message, "html"))
    assert "script" not in page.tags
    assert not page.handlers
    assert all(link.startswith("https://go.lamp.example/") for link in page.links)
    assert page.images == [link for link in page.images if link.startswith("https://go.lamp.example/open/")]
    assert "49" not in re.sub(r"https://\S+", "", body(message, "plain"))


def test_links_carry_signed_ids_only(shop: Shop) -> None:
    copy = copy_for("p", of=OF, items=(ItemId("lamp"), ItemId("杯 & 碟")))
    page = seen(body(parsed(shop, copy), "html"))
    clicks = [link.rsplit("/", 1)[1] for link in page.links if "/click/" in link]
    assert {shop.signer.verify("click", token) for token in clicks} == {
        (copy.message_id, "lamp"),
        (copy.message_id, "杯 & 碟"),
        (copy.message_id, ""),  # the honeypot
    }
    for forged in (clicks[0][:-1], clicks[0] + "A", clicks[0].swapcase(), "", "...", "1.e30.AAAA"):
        with pytest.raises(NotPermittedError):
            shop.signer.verify("click", forged)
    with pytest.raises(NotPermittedError):
        shop.signer.verify("unsubscribe", clicks[0])


def test_the_pixel_is_there_only_if_asked_for(shop: Shop) -> None:
    assert "/open/" not in body(parsed(shop, copy_for("p", of=OF)), "html")
    assert "/open/" in body(parsed(shop, copy_for("p", of=OF), open_pixel=True), "html")


def test_the_price_in_force_is_shown(shop: Shop) -> None:
    facts = (fact("lamp", "price", "99", 99.0, "CNY"), fact("lamp", "offer.price", "79.5", 79.5, "CNY"))
    html = body(parsed(shop, copy_for("p", of=OF, facts=facts)), "html")
    assert "¥79.50" in html
    assert "¥99" not in html


def test_titles_are_shown_as_asked(shop: Shop) -> None:
    copy = copy_for("p", of=OF, facts=(fact("lamp", "title", "READING LAMP"),))
    assert "Reading Lamp" in body(parsed(shop, copy, title_of=str.title), "html")
    assert "READING LAMP" in body(parsed(shop, copy), "plain")


def test_nothing_but_words(shop: Shop) -> None:
    bare = copy_for("p", of=OF, parts=(), items=(), facts=())
    assert body(parsed(shop, bare), "plain").strip()


def test_why_this_message_names_the_consent(shop: Shop) -> None:
    text = body(parsed(shop, copy_for("p", of=OF, language="en")), "plain")
    assert "agreed on 2 May 2026" in text  # thirty days before 1 June


@pytest.mark.parametrize("control", ["\r\n", "\n", "\r", "\x00", "\x0b", "\x0c", "\x1b", "\x85", "\u2028", "\u2029"])
def test_a_header_cannot_be_broken(control: str) -> None:
    for make in (
        lambda: mime.header("Subject", f"a{control}Bcc: x@y.example"),
        lambda: mime.address("To", f"a@b.example{control}Bcc: x@y.example"),
        lambda: mime.address("From", "a@b.example", f"Shop{control}Bcc: x@y.example"),
    ):
        with pytest.raises(InputError):
            make()
    with pytest.raises(ValueError, match="one line"):
        SenderIdentity(name=f"Shop{control}Bcc: x")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=200))
def test_any_subject_comes_back(subject: str) -> None:
    line = mime.header("Subject", subject)
    assert all(len(part) <= 998 for part in line.split("\r\n"))
    read = email.message_from_bytes(line.encode("ascii") + b"\r\n", policy=policy.default)
    assert read.keys() == ["Subject"]
    assert str(read["Subject"]).strip() == subject.strip()


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=120))
def test_any_display_name_comes_back(name: str) -> None:
    line = mime.address("From", "a@b.example", name)
    read = email.message_from_bytes(line.encode("ascii") + b"\r\n", policy=policy.default)
    assert read.keys() == ["From"]
    assert [a.addr_spec for a in read["From"].addresses] == ["a@b.example"]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400))
def test_any_body_comes_back(text: str) -> None:
    raw = mime.compose(
        [],
        text=text,
        html=mime.quoted("<p>x</p>\r\n"),
        boundary="b0",
        date=NOON + timedelta(1),
        message_id="m@h.example",
    )
    message = email.message_from_bytes(raw, policy=policy.default)
    part = next(message.iter_parts())  # type: ignore[attr-defined]
    assert part.get_payload(decode=True).decode() == "\r\n".join(text.splitlines()) + "\r\n"
