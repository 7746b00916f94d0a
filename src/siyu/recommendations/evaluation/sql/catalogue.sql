-- The products that can be named, and how many people had each before; in a total order.
SELECT n.item, max(p.category) AS category, CAST(coalesce(max(b.people), 0) AS BIGINT) AS people
FROM (SELECT item FROM products WHERE item IS NOT NULL UNION SELECT item FROM events WHERE item IS NOT NULL) n
LEFT JOIN products p ON p.item = n.item
LEFT JOIN (
    SELECT item, count(DISTINCT person) AS people FROM events WHERE kind = $kind GROUP BY item
) b ON b.item = n.item
GROUP BY n.item
ORDER BY n.item
