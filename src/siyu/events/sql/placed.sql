-- Every moment of a person, for sessions. The purchases of an order stand at the order's first moment.
WITH orders AS (
    SELECT person, order_id, coalesce(min(stored_ts), min(ts)) AS t
    FROM (
        SELECT person, order_id, ts, CAST(NULL AS TIMESTAMP) AS stored_ts FROM import_live WHERE kind = 'purchase'
        UNION ALL
        SELECT person, order_id, ts, ts
        FROM import_stored
        WHERE kind = 'purchase' AND ts BETWEEN $near_first AND $near_last
    ) o
    WHERE order_id IS NOT NULL
    GROUP BY person, order_id
    HAVING min(ts) <> max(ts)
)
SELECT l._file, l._row, l._part, o.t
FROM import_live l
JOIN orders o ON o.person = l.person AND o.order_id = l.order_id
WHERE l.kind = 'purchase'
