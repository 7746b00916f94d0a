-- Events per day and kind up to now.
SELECT CAST(date_trunc('day', ts) AS DATE) AS day, kind, CAST(count(*) AS BIGINT) AS events
FROM events
WHERE ts <= $now
GROUP BY CAST(date_trunc('day', ts) AS DATE), kind
ORDER BY day, kind
