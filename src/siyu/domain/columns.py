"""Column names of every table that passes between rooms. Spelled here and nowhere else.

Schemas (types) of the same tables stand in :mod:`siyu.engine.schemas`. All moments are UTC.
"""

from __future__ import annotations

from typing import Final

# Whom and what
PERSON: Final = "person"  # pseudonym, 32 hex digits
ITEM: Final = "item"  # product id as the catalogue spells it
TS: Final = "ts"  # moment of the event, UTC, microseconds

# Events
EVENT_ID: Final = "event_id"
KIND: Final = "kind"
EFFECTIVE_TS: Final = "effective_ts"  # moment at which the event counts: for a return, that of the purchase it undoes
QUANTITY: Final = "quantity"
UNIT_PRICE: Final = "unit_price"
CURRENCY: Final = "currency"
BASE_PRICE: Final = "base_price"  # unit price in the project's currency by the rate of its day; null without a rate
ORDER_ID: Final = "order_id"
SESSION_ID: Final = "session_id"
TOKENS: Final = "tokens"  # normalised words of a search or a review
TEXT: Final = "text"  # scrubbed of addresses and numbers
RATING: Final = "rating"  # 1 to 5
CHANNEL: Final = "channel"
LANGUAGE: Final = "language"
MESSAGE_ID: Final = "message_id"  # the exposure an outcome answers
SOURCE: Final = "source"

# Products and facts
TITLE: Final = "title"
URL: Final = "url"
IMAGE: Final = "image"
CATEGORY: Final = "category"
BRAND: Final = "brand"
PRICE: Final = "price"
STOCK: Final = "stock"
ATTRIBUTES: Final = "attributes"
SLOT: Final = "slot"
VALUE: Final = "value"
NUMBER: Final = "number"
UNIT: Final = "unit"
OBSERVED_AT: Final = "observed_at"
VALID_FROM: Final = "valid_from"
VALID_UNTIL: Final = "valid_until"
PRICE_BAND: Final = "price_band"

# Understanding
FACET: Final = "facet"
WEIGHT: Final = "weight"  # share within the facet, 0 to 1
LIFT: Final = "lift"  # weight over the population's mean weight of the same value
RANK: Final = "rank"  # 1 is best
EVIDENCE: Final = "evidence"
SEGMENT: Final = "segment"

# Recommending
LANE: Final = "lane"  # discover | buy_again
SCORE: Final = "score"
MODEL: Final = "model"
REASONS: Final = "reasons"

# Quarantine
ROW: Final = "row"
FIELD: Final = "field"
REASON: Final = "reason"
PAYLOAD: Final = "payload"  # the row as it came, encrypted
