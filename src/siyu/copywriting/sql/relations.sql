-- The chosen messages, each with what the reader did with the past product (bought beats viewed) and with recent variants.
WITH touched AS (
    SELECT e.person, e.item, max(CASE WHEN e.kind = 'purchase' THEN 2 ELSE 1 END) AS deed
    FROM shop_events e
    JOIN choices c ON c.person = e.person AND c.past = e.item
    WHERE e.kind IN ('purchase', 'browse', 'cart') AND e.ts <= $now
    GROUP BY e.person, e.item
),
recent AS (
    SELECT m.person, list(m.variant) AS used
    FROM earlier m
    JOIN choices c ON c.person = m.person
    WHERE m.variant IS NOT NULL
    GROUP BY m.person
)
SELECT c.*, CAST(coalesce(t.deed, 0) AS INT) AS deed, r.used
FROM choices c
LEFT JOIN touched t ON t.person = c.person AND t.item = c.past
LEFT JOIN recent r ON r.person = c.person
ORDER BY c.brief_id, c.person
