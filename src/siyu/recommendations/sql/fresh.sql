-- Products that came lately, after the catalogue itself, and that hardly anyone has bought.
WITH born AS (
    SELECT i.code AS item, date_diff('day', i.first_seen, $now) AS days,
           i.first_seen > f.first_seen + INTERVAL 1 DAY AS later
    FROM rec_items i
    CROSS JOIN (SELECT min(first_seen) AS first_seen FROM rec_items WHERE veto IS NULL) f
    WHERE i.veto IS NULL AND i.first_seen IS NOT NULL
)
SELECT b.item, CAST(b.days AS DOUBLE) AS days
FROM born b LEFT JOIN rec_renown k ON k.item = b.item
WHERE b.later AND b.days < $days AND coalesce(k.people, 0) <= $people AND coalesce(k.oldest, 0) < $days + 1
