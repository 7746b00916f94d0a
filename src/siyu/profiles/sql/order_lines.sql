-- Purchases of resolved people with what was not returned, by order. An order without a number is its moment.
WITH bought AS (
    SELECT
        person,
        item,
        effective_ts,
        coalesce(order_id, CAST(effective_ts AS VARCHAR)) AS order_key,
        CAST(sum(quantity) AS DOUBLE) AS quantity,
        CAST(sum(quantity * coalesce(base_price, CAST(0 AS DOUBLE))) AS DOUBLE) AS spend
    FROM profile_events
    WHERE kind = 'purchase' AND person IS NOT NULL
    GROUP BY person, item, effective_ts, coalesce(order_id, CAST(effective_ts AS VARCHAR))
),
returned AS (
    SELECT person, item, effective_ts, CAST(sum(quantity) AS DOUBLE) AS back
    FROM profile_events
    WHERE kind = 'return'
    GROUP BY person, item, effective_ts
),
touched AS (
    SELECT b.person, b.item, b.effective_ts, CAST(sum(b.quantity) AS DOUBLE) AS amount, max(r.back) AS back
    FROM bought b
    JOIN returned r ON r.person = b.person AND r.item = b.item AND r.effective_ts = b.effective_ts
    GROUP BY b.person, b.item, b.effective_ts
),
kept AS (
    SELECT
        person,
        item,
        effective_ts,
        CASE WHEN amount > back THEN 1 - back / amount ELSE CAST(0 AS DOUBLE) END AS part
    FROM touched
)
SELECT
    b.person,
    b.order_key,
    b.effective_ts AS ts,
    b.quantity * coalesce(k.part, CAST(1 AS DOUBLE)) AS quantity,
    b.spend * coalesce(k.part, CAST(1 AS DOUBLE)) AS spend
FROM bought b
LEFT JOIN kept k ON k.person = b.person AND k.item = b.item AND k.effective_ts = b.effective_ts
