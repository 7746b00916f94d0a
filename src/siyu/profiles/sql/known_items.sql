-- Products that people turned to until now, and how many of them the catalogue knows.
SELECT CAST(count(*) AS BIGINT) AS items, CAST(count(p.item) AS BIGINT) AS known
FROM (SELECT item FROM profile_events WHERE item IS NOT NULL AND ts <= $now GROUP BY item) e
LEFT JOIN products p ON p.item = e.item
