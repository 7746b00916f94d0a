"""Signed links. They carry only signed ids, never an address to go to: no open redirect can be made of them.

``<link_host>/<purpose>/<token>``. The purposes that tell what became of a message are the event kinds themselves
(``open``, ``click``, ``unsubscribe``); two more lead to pages: ``why`` and ``view``. Fields of a token: the message
id, and for a click the product. A click without a product is the honeypot: only robots follow it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from siyu.domain.ids import ItemId
from siyu.domain.kinds import EventKind

WHY = "why"
VIEW = "view"


class Signer(Protocol):
    """Makes tokens that cannot be forged (:class:`siyu.privacy.tokens.TokenSigner`)."""

    def sign(self, purpose: str, *fields: str) -> str:
        """A URL-safe token for ``fields``, good for ``purpose`` alone."""
        ...


@dataclass(frozen=True, slots=True)
class Links:
    """The links of one message."""

    signer: Signer
    host: str
    message_id: str

    def product(self, item: ItemId) -> str:
        """Tracked link to a product's page."""
        return self._link(EventKind.CLICK, item)

    def trap(self) -> str:
        """The honeypot."""
        return self._link(EventKind.CLICK, "")

    def pixel(self) -> str:
        """The picture that tells the message was opened."""
        return self._link(EventKind.OPEN)

    def unsubscribe(self) -> str:
        """One-click unsubscribe (RFC 8058): a POST unsubscribes, a GET shows a page with a button."""
        return self._link(EventKind.UNSUBSCRIBE)

    def why(self) -> str:
        """The page that says why this person got this message."""
        return self._link(WHY)

    def view(self) -> str:
        """The message as a web page."""
        return self._link(VIEW)

    def _link(self, purpose: str, *fields: str) -> str:
        return f"{self.host}/{purpose}/{self.signer.sign(str(purpose), self.message_id, *fields)}"
