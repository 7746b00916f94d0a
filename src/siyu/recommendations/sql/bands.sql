-- The price band a person usually buys in (1 to 5).
SELECT x.person, CAST(round(avg(i.band)) AS INT) AS band
FROM rec_interactions x JOIN rec_items i ON i.code = x.item
WHERE x.kind = 'purchase' AND i.band IS NOT NULL
GROUP BY x.person
