-- What people did with products up to now. Purchases are net of returns: a return undoes the purchase made at its
-- effective_ts, and a purchase undone in full is no interaction at all. A rating of 2 or less is a dislike.
WITH seen AS (
    SELECT person, item, kind, ts, coalesce(effective_ts, ts) AS effective_ts, rating,
           CASE WHEN quantity > 0 AND quantity < 1e12 THEN quantity ELSE CAST(1 AS DOUBLE) END AS quantity,
           coalesce(order_id, session_id, CAST(CAST(ts AS DATE) AS VARCHAR)) AS basket,
           coalesce(session_id, CAST(CAST(ts AS DATE) AS VARCHAR)) AS session
    FROM events
    WHERE ts <= $now AND item IS NOT NULL AND item <> '' AND person IS NOT NULL AND person <> ''
),
bought AS (
    SELECT person, item, 'purchase' AS kind, effective_ts AS ts,
           min(CASE WHEN kind = 'purchase' THEN basket END) AS unit
    FROM seen
    WHERE kind IN ('purchase', 'return')
    GROUP BY person, item, effective_ts
    HAVING sum(CASE WHEN kind = 'purchase' THEN quantity ELSE -quantity END) > 1e-9
),
shown AS (
    SELECT person, item, CASE WHEN rating <= 2 THEN 'dislike' ELSE kind END AS kind, ts, min(session) AS unit
    FROM seen
    WHERE kind IN ('browse', 'cart', 'review', 'rating', 'click')
    GROUP BY person, item, CASE WHEN rating <= 2 THEN 'dislike' ELSE kind END, ts
),
sent_back AS (
    SELECT DISTINCT person, item, 'return' AS kind, ts, session AS unit FROM seen WHERE kind = 'return'
),
every AS (
    SELECT person, item, kind, ts, unit, kind = 'purchase' AS purchase FROM bought
    UNION ALL
    SELECT person, item, kind, ts, unit, kind = 'purchase' AS purchase FROM shown
    UNION ALL
    SELECT person, item, kind, ts, unit, kind = 'purchase' AS purchase FROM sent_back
),
units AS (
    SELECT person, unit, purchase, CAST(row_number() OVER (ORDER BY person, unit, purchase) AS INT) AS code
    FROM (SELECT DISTINCT person, unit, purchase FROM every) distinct_units
)
SELECT p.code AS person, i.code AS item, e.kind, e.ts, u.code AS unit,
       CASE WHEN e.kind = 'purchase' THEN $purchase WHEN e.kind = 'cart' THEN $cart
            WHEN e.kind IN ('dislike', 'return') THEN CAST(0 AS DOUBLE) WHEN e.kind = 'browse' THEN $browse
            WHEN e.kind = 'click' THEN $click ELSE $review END AS weight,
       CAST(date_diff('second', e.ts, $now) AS DOUBLE) / 86400 AS age
FROM every e
JOIN units u ON u.person = e.person AND u.unit = e.unit AND u.purchase = e.purchase
JOIN rec_people p ON p.person = e.person
JOIN rec_items i ON i.item = e.item
