-- Every item of every basket: an order, or what somebody bought in one session where orders have no number. What was
-- sent back stays: it was in the basket all the same.
SELECT
    concat(coalesce(e.source, ''), ' ', coalesce(e.order_id, e.session_id, e.event_id)) AS basket,
    e.item,
    p.category
FROM events e
LEFT JOIN products p ON p.item = e.item
WHERE e.kind = 'purchase' AND e.item IS NOT NULL AND e.ts <= $now AND e.ts > $since
