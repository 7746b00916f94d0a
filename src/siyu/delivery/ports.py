"""What delivery asks of other rooms. ``app`` hands these in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

import pyarrow as pa

from siyu.domain.contact import Permit
from siyu.domain.copy import ApprovedCopy
from siyu.domain.ids import PersonId


class Refusal(Protocol):
    """The review gate's no for one message, at the moment of sending."""

    @property
    def message_id(self) -> str:
        """The message."""
        ...

    @property
    def reason(self) -> str:
        """A :class:`~siyu.domain.kinds.SkipReason`: ``fact-changed``, ``copy-refused`` ..."""
        ...


Release: TypeAlias = Callable[[Sequence[str], datetime], Sequence[ApprovedCopy | Refusal]]
"""Message ids -> copy that may leave now (price and stock were read again), or why not. A missing one is refused."""

Order: TypeAlias = Callable[[pa.Array, int], Iterator[Sequence[str]]]
"""Message ids that are due -> the same ids in lots of at most so many, in the order in which their words lie: so words
are read once from the beginning to the end, however many messages there are. Ids without words may be left out."""

Permits: TypeAlias = Callable[[Sequence[PersonId]], Mapping[PersonId, Permit]]
"""People -> permits for the campaign's purpose and channel; people without one must not be written to."""

Addresses: TypeAlias = Callable[[Sequence[PersonId]], Mapping[PersonId, str]]
"""People -> addresses on the channel."""
