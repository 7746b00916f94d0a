SELECT CAST(count(DISTINCT person) AS BIGINT) AS people, CAST(count(DISTINCT item) AS BIGINT) AS items
FROM recommendations
