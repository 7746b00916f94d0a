-- Events of the shop per day and kind up to now.
SELECT CAST(date_trunc('day', ts) AS DATE) AS day, kind, CAST(count(*) AS BIGINT) AS events
FROM events
WHERE ts <= $now AND kind IN $kinds
GROUP BY CAST(date_trunc('day', ts) AS DATE), kind
ORDER BY day, kind
