"""Why a person of the audience gets nothing, in the order in which it is asked. One reason a person: the first."""

from __future__ import annotations

from typing import Final

from siyu.domain.kinds import SkipReason

ORDER: Final[tuple[str, ...]] = (
    SkipReason.EXPIRED,  # the campaign's window is over
    SkipReason.NO_CONSENT,
    SkipReason.SUPPRESSED,
    SkipReason.NO_CONTACT,
    SkipReason.NO_PRODUCT,
    SkipReason.COPY_REFUSED,
    SkipReason.AWAITING_APPROVAL,  # the only decision that planning again may change
    SkipReason.CAPPED,
    SkipReason.QUIET_HOURS,  # quiet until the window is over
    SkipReason.OVER_LIMIT,  # the campaign's limit was reached before this person
    SkipReason.HOLD_OUT,
)
"""The waterfall of planning.

The hold-out stands last on purpose: its people are then exactly those who would have been written to, so that the two
arms are the same kind of people and their difference is the effect of the message. Asked earlier, the hold-out would
keep people without a product or without approved words, whom the other arm has lost: the comparison would be biased.
"""
