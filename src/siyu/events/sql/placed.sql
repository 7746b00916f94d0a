-- The purchases of an order stand at the order's first moment.
WITH bought AS (
    SELECT number, order_id, ts, CAST(NULL AS TIMESTAMP) AS stored_ts
    FROM import_live
    WHERE kind = 'purchase' AND order_id IS NOT NULL
    UNION ALL
    SELECT p.number, e.order_id, e.ts, e.ts
    FROM import_stored e
    JOIN import_people p ON p.person = e.person
    WHERE e.kind = 'purchase' AND e.order_id IS NOT NULL AND e.ts BETWEEN $near_first AND $near_last
), orders AS (
    SELECT number, order_id, coalesce(min(stored_ts), min(ts)) AS t
    FROM bought
    GROUP BY number, order_id
    HAVING min(ts) <> max(ts)
)
SELECT l._key, o.t
FROM import_live l
JOIN orders o ON o.number = l.number AND o.order_id = l.order_id
WHERE l.kind = 'purchase'
