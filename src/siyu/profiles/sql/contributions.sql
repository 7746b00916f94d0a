-- What each event adds: one row for its item, one for each of its words.
-- A purchase counts by the quantity that was not returned, damped: log2(1 + quantity), so 1, 2, 3 ... count 1, 1.58, 2 ...
WITH returned AS (
    SELECT person, item, effective_ts, CAST(sum(quantity) AS DOUBLE) AS back
    FROM profile_basis
    WHERE kind = 'return'
    GROUP BY person, item, effective_ts
),
bought AS (
    SELECT b.person, b.item, b.effective_ts, CAST(sum(b.quantity) AS DOUBLE) AS amount
    FROM profile_basis b
    SEMI JOIN returned r ON r.person = b.person AND r.item = b.item AND r.effective_ts = b.effective_ts
    WHERE b.kind = 'purchase'
    GROUP BY b.person, b.item, b.effective_ts
),
kept AS (
    SELECT
        b.person,
        b.item,
        b.effective_ts,
        CASE WHEN b.amount > r.back THEN 1 - r.back / b.amount ELSE CAST(0 AS DOUBLE) END AS part
    FROM bought b
    JOIN returned r ON r.person = b.person AND r.item = b.item AND r.effective_ts = b.effective_ts
),
weighed AS (
    SELECT
        e.event_id,
        e.person,
        e.kind,
        e.ts,
        e.item,
        e.tokens,
        CASE e.kind
            WHEN 'browse' THEN $browse
            WHEN 'search' THEN $search
            WHEN 'cart' THEN $cart
            WHEN 'purchase' THEN $purchase
            WHEN 'review' THEN $review
            WHEN 'rating' THEN $rating
            WHEN 'feedback' THEN $feedback
            WHEN 'click' THEN $click
            ELSE CAST(0 AS DOUBLE)
        END
        * CASE
            WHEN e.kind IN ('review', 'rating', 'feedback') THEN coalesce((e.rating - 3) / 2, v.valence, CAST(0 AS DOUBLE))
            WHEN e.kind IN ('cart', 'purchase')
                THEN ln(1 + least(greatest(coalesce(e.quantity, CAST(1 AS DOUBLE)), CAST(0 AS DOUBLE)), CAST(1000000 AS DOUBLE))
                    * CASE WHEN e.kind = 'purchase' THEN coalesce(k.part, CAST(1 AS DOUBLE)) ELSE CAST(1 AS DOUBLE) END)
                    / ln(CAST(2 AS DOUBLE))
            ELSE CAST(1 AS DOUBLE)
        END
        * power(CAST(2 AS DOUBLE), date_diff('second', $epoch, coalesce(e.effective_ts, e.ts)) / $half_life) AS weight
    FROM profile_basis e
    LEFT JOIN kept k ON k.person = e.person AND k.item = e.item AND k.effective_ts = e.effective_ts
    LEFT JOIN profile_valence v ON v.event_id = e.event_id
    WHERE e.person IS NOT NULL AND e.kind NOT IN ('return', 'sent', 'open', 'unsubscribe', 'complaint')
),
spoken AS (
    SELECT DISTINCT event_id, person, kind, ts, item, weight, word
    FROM (SELECT event_id, person, kind, ts, item, weight, unnest(tokens) AS word FROM weighed WHERE tokens IS NOT NULL) w
    WHERE word IS NOT NULL AND word <> ''
)
SELECT person, 'item' AS source, item AS subject, weight, event_id, kind, ts, item
FROM weighed
WHERE item IS NOT NULL AND weight <> 0
UNION ALL
SELECT
    person,
    'word' AS source,
    word AS subject,
    weight / CAST(count(*) OVER (PARTITION BY event_id) AS DOUBLE) AS weight,
    event_id,
    kind,
    ts,
    item
FROM spoken
WHERE weight <> 0
