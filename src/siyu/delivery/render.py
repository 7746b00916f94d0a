"""A letter as HTML and plain text, and the two as one MIME message."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from siyu.delivery import forms, mime
from siyu.delivery.forms import Form
from siyu.delivery.letter import Letter, Look, label, write_letter
from siyu.delivery.links import Links, Signer
from siyu.delivery.settings import SenderIdentity
from siyu.domain.contact import Permit
from siyu.domain.copy import ApprovedCopy


@cache
def _template(name: str) -> Template:
    """One of our own templates. Texts from outside are values in it, never templates themselves."""
    environment = Environment(
        loader=PackageLoader("siyu.delivery"),
        autoescape=name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)


def html(letter: Letter) -> str:
    """The HTML part; every value is escaped."""
    return _template("message.html").render(letter=letter)


def text(letter: Letter) -> str:
    """The plain text part."""
    return _template("message.txt").render(letter=letter)


@dataclass(frozen=True, slots=True)
class Renderer:
    """Turns approved copy into MIME bytes.

    Attributes:
        campaign: name of the campaign, for List-Id.
        title_of: how a product's title is shown.
        required: what the law of the campaign's place requires of it.
    """

    sender: SenderIdentity
    signer: Signer
    campaign: str
    open_pixel: bool = False
    honeypot: bool = True
    title_of: Callable[[str], str] = str
    required: frozenset[str] = frozenset()
    _forms: dict[Hashable, Form] = field(default_factory=dict, repr=False, compare=False)

    def letter(self, copy: ApprovedCopy, permit: Permit, message_id: str) -> Letter:
        """The letter; ``message_id`` is what its links are signed for."""
        links = Links(self.signer, self.sender.link_host, message_id)
        look = Look(self.sender, self.open_pixel, self.honeypot, self.title_of, self.required)
        return write_letter(copy, permit, look=look, links=links)

    def mime(self, copy: ApprovedCopy, permit: Permit, *, address: str, date: datetime, test_id: str = "") -> bytes:
        """The message to ``address``.

        Args:
            date: the moment of sending.
            test_id: for a test send, an id of its own: its links then say nothing about the real message.

        Raises:
            InputError: the subject or the address holds what may not stand in a header.
        """
        message_id = test_id or copy.message_id
        letter = self.letter(copy, permit, message_id)
        subject = label(copy.language, "test") + letter.subject if test_id else letter.subject
        values = forms.values(letter)
        form = self._form(letter)
        own, of_list = _fixed_head(self.sender, self.campaign)
        head = (
            own,
            mime.address("To", address),
            mime.header("Subject", subject),
            of_list,
            mime.header("List-Unsubscribe", f"<{values[0]}>"),  # RFC 2369
            *([mime.header("X-Siyu-Test", "yes")] if test_id else []),
        )
        return mime.compose(
            head,
            text=form.plain(values),
            html=form.page(values),
            boundary=message_id.replace("-", ""),
            date=date,
            message_id=f"{message_id}@{self.sender.host}",
        )

    def _form(self, letter: Letter) -> Form:
        kind = forms.shape(letter)
        found = self._forms.get(kind)
        if found is None:
            found = self._forms[kind] = Form.of(letter, text=text, html=html)
        return found


@lru_cache(maxsize=64)
def _fixed_head(sender: SenderIdentity, campaign: str) -> tuple[str, str]:
    """Header lines that every message of a campaign has."""
    return (
        mime.address("From", sender.address, sender.name),
        mime.header("List-Id", f"<{quote(campaign, safe='')}.{sender.host}>")
        + mime.header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),  # RFC 8058
    )
