-- Of everyone asked for: how many products of each category they had.
SELECT e.person, p.category, CAST(count(DISTINCT e.item) AS BIGINT) AS items
FROM events e
JOIN asked a ON a.person = e.person
JOIN (SELECT item, max(category) AS category FROM products GROUP BY item) p ON p.item = e.item
WHERE e.kind = $kind AND p.category IS NOT NULL
GROUP BY e.person, p.category
