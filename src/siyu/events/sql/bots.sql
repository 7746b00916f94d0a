-- Sustained speed no person has ($events within $seconds), or an agent that says it is a machine. Orders are kept:
-- money moved. Only days with that many events are looked at closely.
WITH busy AS (
    SELECT number, CAST(ts AS DATE) AS day
    FROM import_live
    WHERE kind IN ('browse', 'search', 'cart')
    GROUP BY 1, 2
    HAVING count(*) >= $events
), paced AS (
    SELECT l.number, b.day, l.ts, lag(l.ts, $before) OVER (PARTITION BY l.number, b.day ORDER BY l.ts) AS earlier
    FROM import_live l
    JOIN busy b ON b.number = l.number AND b.day = CAST(l.ts AS DATE)
    WHERE l.kind IN ('browse', 'search', 'cart')
), flagged AS (
    SELECT DISTINCT number, day FROM paced WHERE ts <= earlier + $seconds * INTERVAL '1' SECOND
)
SELECT l._key, 'bot' AS reason
FROM import_live l
LEFT JOIN flagged f ON f.number = l.number AND f.day = CAST(l.ts AS DATE)
WHERE l.by_bot OR (f.number IS NOT NULL AND l.kind NOT IN ('purchase', 'return', 'identify', 'alias'))
