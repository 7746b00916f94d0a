"""Schemas of the tables that pass between rooms. Names are those of :mod:`siyu.domain.columns`.

Moments are UTC without a zone, microseconds. Money is DOUBLE with its ISO 4217 code beside it. Ranks are int32.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from siyu.domain import columns as c

MOMENT: Final = pa.timestamp("us")
STRINGS: Final = pa.list_(pa.string())

EVENTS: Final = pa.schema(
    [
        (c.EVENT_ID, pa.string()),  # unique: the source's message id, or the hash of the row's content
        (c.PERSON, pa.string()),
        (c.KIND, pa.string()),  # domain.kinds.EventKind
        (c.TS, MOMENT),
        (c.EFFECTIVE_TS, MOMENT),  # = ts, except a return: the moment of the purchase that it undoes
        (c.ITEM, pa.string()),  # null for searches and message events about no product
        (c.QUANTITY, pa.float64()),  # 1 where it has no meaning; positive for returns too; matched part only
        (c.UNIT_PRICE, pa.float64()),  # as the shop wrote it, in `currency`; null where there is none
        (c.CURRENCY, pa.string()),
        (c.ORDER_ID, pa.string()),
        (c.SESSION_ID, pa.string()),  # 30 minutes of silence end a session; purchases of one order share it
        (c.TOKENS, STRINGS),  # search and review only; else null
        (c.TEXT, pa.string()),  # search and review only, scrubbed; else null
        (c.RATING, pa.float64()),  # 1 to 5; review and rating only
        (c.CHANNEL, pa.string()),
        (c.LANGUAGE, pa.string()),
        (c.MESSAGE_ID, pa.string()),  # message events, and clicks' purchases where the shop passes it on
        (c.SOURCE, pa.string()),  # name of the source in siyu.toml
    ]
)
"""Dataset ``events``: one row an event, cleaned, unique by ``event_id``. Appended to by every import."""

QUARANTINE: Final = pa.schema(
    [
        (c.SOURCE, pa.string()),
        ("file", pa.string()),  # file name, not its path
        (c.ROW, pa.int64()),
        (c.FIELD, pa.string()),
        (c.REASON, pa.string()),  # domain.kinds.QuarantineReason
        (c.PAYLOAD, pa.binary()),  # the raw row as JSON, encrypted
        ("imported_at", MOMENT),
    ]
)
"""Dataset ``quarantine``: rows set aside. Accepted rows + quarantined rows = rows read."""

PRODUCTS: Final = pa.schema(
    [
        (c.ITEM, pa.string()),
        (c.TITLE, pa.string()),
        (c.CATEGORY, pa.string()),  # path, levels joined by " > "
        (c.BRAND, pa.string()),
        (c.PRICE, pa.float64()),  # in force; null where the catalogue states none
        (c.CURRENCY, pa.string()),
        (c.PRICE_BAND, pa.string()),  # "1" (cheapest fifth) to "5" within the catalogue; null without any price
        (c.STOCK, pa.int64()),  # null = unlimited or unknown, 0 = out of stock
        (c.URL, pa.string()),
        (c.IMAGE, pa.string()),
        (c.LANGUAGE, pa.string()),
        (c.ATTRIBUTES, pa.list_(pa.struct([("name", pa.string()), ("value", pa.string())]))),
        ("description", pa.string()),
        ("first_seen", MOMENT),
    ]
)
"""Dataset ``products``: one row a product, from its facts in force."""

FACTS: Final = pa.schema(
    [
        (c.ITEM, pa.string()),
        (c.SLOT, pa.string()),
        (c.VALUE, pa.string()),
        (c.NUMBER, pa.float64()),
        (c.UNIT, pa.string()),
        (c.LANGUAGE, pa.string()),
        (c.SOURCE, pa.string()),
        (c.OBSERVED_AT, MOMENT),
        (c.VALID_FROM, MOMENT),
        (c.VALID_UNTIL, MOMENT),
    ]
)
"""Dataset ``facts``: every value of every product with its provenance; old prices stay, with ``valid_until`` set."""

_EVIDENCE = pa.list_(
    pa.struct(
        [
            (c.EVENT_ID, pa.string()),
            (c.KIND, pa.string()),
            (c.TS, MOMENT),
            (c.ITEM, pa.string()),
            ("share", pa.float64()),  # of the interest's raw weight
        ]
    )
)

INTERESTS: Final = pa.schema(
    [
        (c.PERSON, pa.string()),
        (c.FACET, pa.string()),  # domain.kinds.Facet
        (c.VALUE, pa.string()),  # attribute: "name=value"
        (c.WEIGHT, pa.float64()),  # share within the person's facet
        (c.LIFT, pa.float64()),  # weight over the mean weight of that value over all people
        (c.RANK, pa.int32()),  # within person and facet
        (c.EVIDENCE, _EVIDENCE),  # at most three events, strongest first
    ]
)
"""Dataset ``interests``: at most ``top`` values per person and facet."""

PEOPLE: Final = pa.schema(
    [
        (c.PERSON, pa.string()),
        ("first_ts", MOMENT),
        ("last_ts", MOMENT),
        ("events", pa.int64()),
        ("orders", pa.int64()),  # net of fully returned ones
        ("spend", pa.float64()),  # net of returns
        ("recency_days", pa.float64()),  # since the last purchase; null without one
        ("r", pa.int32()),  # quintile scores 1..5; null without a purchase
        ("f", pa.int32()),
        ("m", pa.int32()),
        ("lifecycle", pa.string()),  # prospect | new | active | loyal | at-risk | lapsed
        ("gap_days", pa.float64()),  # median days between orders; null under two
        ("usual_hour", pa.int32()),  # 0..23 UTC, circular mode; null without events
        (c.CHANNEL, pa.string()),
        (c.LANGUAGE, pa.string()),
        (c.PRICE_BAND, pa.string()),
        (c.SEGMENT, pa.string()),  # segment id; null where too few people
    ]
)
"""Dataset ``people``: one row a person known from events."""

SEGMENTS: Final = pa.schema(
    [
        (c.SEGMENT, pa.string()),
        ("size", pa.int64()),
        ("share", pa.float64()),
        ("name_keys", STRINGS),  # what sets it apart, as keys a language pack turns into a name: "spend:high"
        ("features", pa.list_(pa.struct([("name", pa.string()), ("mean", pa.float64()), ("z", pa.float64())]))),
    ]
)
"""Dataset ``segments``."""

RULES: Final = pa.schema(
    [
        ("level", pa.string()),  # item | category
        ("items", STRINGS),  # who has these ...
        ("then_item", pa.string()),  # ... has this
        ("baskets", pa.int64()),  # with both sides
        ("support", pa.float64()),
        ("confidence", pa.float64()),
        (c.LIFT, pa.float64()),
        ("leverage", pa.float64()),
        ("conviction", pa.float64()),  # infinite where the rule never fails
        ("p", pa.float64()),  # Fisher's exact test, adjusted for all rules looked at
        ("gain", pa.float64()),  # confidence beyond the best simpler rule
    ]
)
"""Dataset ``rules``: what is bought together."""

_QUOTES: Final = pa.list_(pa.struct([("clause", pa.string()), (c.EVENT_ID, pa.string())]))

PRODUCT_ASPECTS: Final = pa.schema(
    [
        (c.ITEM, pa.string()),
        ("aspect", pa.string()),  # packs/languages/<code>/aspects
        ("praised", pa.int64()),  # people
        ("blamed", pa.int64()),
        ("low", pa.float64()),  # of the 95 % interval of the share that praises
        ("selling_point", pa.bool_()),
        ("praise", _QUOTES),  # clauses of reviews, scrubbed, at most three
        ("blame", _QUOTES),
    ]
)
"""Dataset ``product_aspects``: what reviews say of each product."""

SEGMENT_PORTRAITS: Final = pa.schema(
    [
        (c.SEGMENT, pa.string()),
        ("steadiness", pa.float64()),  # mean Jaccard coefficient over bootstrap draws
        ("agreement", pa.float64()),  # of the whole division: mean adjusted Rand index, with its 5 and 95 % quantiles
        ("agreement_low", pa.float64()),
        ("agreement_high", pa.float64()),
        (
            "tastes",  # values liked more often than by all others, strongest first
            pa.list_(
                pa.struct(
                    [
                        (c.FACET, pa.string()),
                        (c.VALUE, pa.string()),
                        ("people", pa.int64()),
                        ("share", pa.float64()),  # of the segment
                        (c.LIFT, pa.float64()),  # share here over share among all others
                    ]
                )
            ),
        ),
        ("stages", pa.list_(pa.struct([("stage", pa.string()), ("share", pa.float64())]))),
        ("hour_from", pa.int32()),  # the usual time of the day, where there is one
        ("hour_to", pa.int32()),
    ]
)
"""Dataset ``segment_portraits``: one row a segment, as of the last division."""

SEGMENT_MOVES: Final = pa.schema(
    [
        ("was", pa.string()),
        ("was_keys", STRINGS),  # name keys of the segment as it was
        (c.SEGMENT, pa.string()),
        ("people", pa.int64()),
        ("anew", pa.bool_()),  # people were divided anew in between
    ]
)
"""Dataset ``segment_moves``: how many people went from segment to segment since the last run."""

SEGMENT_MOVERS: Final = pa.schema([(c.PERSON, pa.string()), ("was", pa.string()), (c.SEGMENT, pa.string())])
"""Dataset ``segment_movers``: who they are."""

NEEDS: Final = pa.schema(
    [
        (c.PERSON, pa.string()),
        ("buy_30", pa.float64()),  # chance of buying within profiles.needs.horizon_days (30); null: not worked out
        ("churn", pa.float64()),  # chance that a buyer buys nothing for `churn_days`; null for others
        ("churn_days", pa.float64()),  # their own days of silence after which they count as lost
        ("value_12m", pa.float64()),  # to be spent within profiles.needs.value_days (365), in the project's currency
        (
            "drivers",  # of each chance, strongest first
            pa.list_(
                pa.struct(
                    [
                        ("chance", pa.string()),  # buy | churn
                        ("name", pa.string()),  # of a feature; a language pack has the words
                        (c.VALUE, pa.float64()),  # of this person
                        ("usual", pa.float64()),  # the median of all
                        ("effect", pa.float64()),  # the chance less what it would be without it
                    ]
                )
            ),
        ),
        ("made_at", MOMENT),
        (c.MODEL, pa.string()),  # version of the saved model
    ]
)
"""Dataset ``needs``: one row a person known from events."""

NEEDS_AFFINITY: Final = pa.schema(
    [
        (c.PERSON, pa.string()),
        (c.CATEGORY, pa.string()),
        ("chance", pa.float64()),  # that the next purchase holds something of it
        (c.RANK, pa.int32()),  # within person
    ]
)
"""Dataset ``needs_affinity``: the likeliest categories of people who bought or looked at something."""

REASON: Final = pa.struct(
    [
        ("kind", pa.string()),  # bought-together | interest | repeat | popular | new | similar | viewed
        (c.ITEM, pa.string()),  # the past item it rests on
        (c.FACET, pa.string()),
        (c.VALUE, pa.string()),
        ("count", pa.int64()),  # people, baskets or purchases behind it
        ("number", pa.float64()),  # lift, share, or days, by kind
        ("share", pa.float64()),  # of the score, 0 to 1
    ]
)

RECOMMENDATIONS: Final = pa.schema(
    [
        (c.PERSON, pa.string()),
        (c.RANK, pa.int32()),
        (c.ITEM, pa.string()),
        (c.LANE, pa.string()),  # domain.kinds.Lane
        (c.SCORE, pa.float64()),
        (c.MODEL, pa.string()),
        (c.REASONS, pa.list_(REASON)),  # strongest first, at least one
    ]
)
"""Dataset ``recommendations``: ranked over both lanes; rank is within person and lane."""

_FACT = pa.struct([(field.name, field.type) for field in FACTS])

_FINDING = pa.struct(
    [
        ("rule", pa.string()),
        ("severity", pa.string()),
        ("part", pa.string()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("excerpt", pa.string()),
        ("confidence", pa.float64()),
        ("source", pa.string()),
        ("remedy", pa.string()),
    ]
)

MESSAGES: Final = pa.schema(
    [
        (c.MESSAGE_ID, pa.string()),
        ("campaign", pa.string()),
        ("step", pa.int32()),
        (c.PERSON, pa.string()),
        (c.CHANNEL, pa.string()),
        (c.LANGUAGE, pa.string()),
        ("status", pa.string()),  # approved | human | refused | no-product
        (c.ITEM, pa.string()),  # the main product
        ("items", STRINGS),
        ("brief_id", pa.string()),
        ("angle_facet", pa.string()),
        ("angle_value", pa.string()),
        (c.REASON, pa.string()),  # reason kind of the main product
        ("variant", pa.string()),
        ("propensity", pa.float64()),
        ("parts", pa.list_(pa.struct([("part", pa.string()), ("piece_id", pa.string()), ("text", pa.string())]))),
        ("facts", pa.list_(_FACT)),  # every fact claimed
        ("findings", pa.list_(_FINDING)),
    ]
)
"""Dataset ``messages``: one row a person of the audience, written or refused, with the source of every claim."""
