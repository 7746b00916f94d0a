"""The kinds of event, and what each says about interest by default."""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """What happened. The first group is what a person does in the shop; the second, what happens to a message."""

    BROWSE = "browse"
    SEARCH = "search"
    CART = "cart"
    PURCHASE = "purchase"
    RETURN = "return"
    REVIEW = "review"
    RATING = "rating"
    FEEDBACK = "feedback"

    SENT = "sent"
    OPEN = "open"
    CLICK = "click"
    UNSUBSCRIBE = "unsubscribe"
    COMPLAINT = "complaint"


SHOP_KINDS = frozenset(
    {
        EventKind.BROWSE,
        EventKind.SEARCH,
        EventKind.CART,
        EventKind.PURCHASE,
        EventKind.RETURN,
        EventKind.REVIEW,
        EventKind.RATING,
        EventKind.FEEDBACK,
    }
)
"""Kinds that tell what a person likes."""

MESSAGE_KINDS = frozenset(set(EventKind) - SHOP_KINDS)
"""Kinds that tell what became of a message."""


class Facet(StrEnum):
    """What an interest is about."""

    CATEGORY = "category"
    BRAND = "brand"
    PRICE_BAND = "price_band"
    ATTRIBUTE = "attribute"  # value is "name=value"
    KEYWORD = "keyword"


class Lane(StrEnum):
    """The two jobs of a recommendation."""

    DISCOVER = "discover"
    BUY_AGAIN = "buy_again"


class Severity(StrEnum):
    """How a finding is treated by the review gate."""

    BLOCK = "block"
    NEEDS_EVIDENCE = "needs-evidence"
    REQUIRED_TEXT = "required-text"
    HUMAN = "human"
    CAUTION = "caution"


class SkipReason(StrEnum):
    """Why a person of the audience got nothing."""

    NO_CONSENT = "no-consent"
    SUPPRESSED = "suppressed"
    PERSONALISATION_OFF = "personalisation-off"
    CAPPED = "capped"
    QUIET_HOURS = "quiet-hours"
    HOLD_OUT = "hold-out"
    NO_PRODUCT = "no-product"
    COPY_REFUSED = "copy-refused"
    EXPIRED = "expired"
    NO_CONTACT = "no-contact"
    INVALID_ADDRESS = "invalid-address"
    FACT_CHANGED = "fact-changed"
    AWAITING_APPROVAL = "awaiting-approval"
    OVER_LIMIT = "over-limit"


class QuarantineReason(StrEnum):
    """Why a row was set aside. One reason a row: the first that applies, in this order."""

    MALFORMED = "malformed"
    MISSING_PERSON = "missing-person"
    ROUNDED_ID = "rounded-id"
    UNKNOWN_KIND = "unknown-kind"
    MISSING_TIME = "missing-time"
    BAD_TIME = "bad-time"
    TIME_OUT_OF_RANGE = "time-out-of-range"
    FUTURE_TIME = "future-time"
    MISSING_ITEM = "missing-item"
    ROUNDED_ITEM = "rounded-item"
    NOT_A_PRODUCT = "not-a-product"
    BAD_QUANTITY = "bad-quantity"
    BAD_PRICE = "bad-price"
    ZERO_PRICE = "zero-price"
    BAD_RATING = "bad-rating"
    BAD_CURRENCY = "bad-currency"
    EXACT_DUPLICATE = "exact-duplicate"
    DUPLICATE_ID = "duplicate-id"
    CONFLICTING_ID = "conflicting-id"
    BOT = "bot"
    ORPHAN_RETURN = "orphan-return"
