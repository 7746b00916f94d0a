-- What people did up to now, in the columns that needs are worked out from. What happens to a message is not theirs,
-- except that they opened or clicked it.
SELECT
    e.person,
    e.kind,
    e.ts,
    coalesce(e.effective_ts, e.ts) AS effective_ts,
    e.item,
    CASE WHEN e.quantity > 0 AND e.quantity < 1e12 THEN e.quantity ELSE CAST(1 AS DOUBLE) END AS quantity,
    CASE WHEN e.quantity > 0 AND e.quantity < 1e12 AND e.base_price > 0 AND e.base_price < 1e12
         THEN e.quantity * e.base_price ELSE CAST(0 AS DOUBLE) END AS amount
FROM needs_events e
WHERE e.ts < $until AND e.person IS NOT NULL AND e.person <> '' AND e.kind NOT IN ('sent', 'unsubscribe', 'complaint')
