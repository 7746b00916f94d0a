-- Sustained speed no person has, or an agent that says it is a machine. Orders are kept: money moved.
WITH busy AS (
    SELECT number, CAST(ts AS DATE) AS day, date_trunc('minute', ts) AS minute
    FROM import_live
    WHERE kind IN ('browse', 'search', 'cart')
    GROUP BY 1, 2, 3
    HAVING count(*) > $per_minute
), flagged AS (
    SELECT number, day FROM busy GROUP BY number, day HAVING count(*) >= $minutes
)
SELECT l._file, l._row, l._part, 'bot' AS reason
FROM import_live l
LEFT JOIN flagged f ON f.number = l.number AND f.day = CAST(l.ts AS DATE)
WHERE l.by_bot OR (f.number IS NOT NULL AND l.kind NOT IN ('purchase', 'return', 'identify', 'alias'))
