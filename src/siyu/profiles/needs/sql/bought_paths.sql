-- Days with a purchase, by category path, of what may be seen.
SELECT p.category AS path, CAST(count(*) AS BIGINT) AS days
FROM (
    SELECT person, item, CAST(ts AS DATE) AS day FROM needs_seen WHERE kind = 'purchase' GROUP BY person, item, CAST(ts AS DATE)
) b
JOIN needs_products p ON p.item = b.item
WHERE p.category IS NOT NULL AND p.category <> ''
GROUP BY p.category
