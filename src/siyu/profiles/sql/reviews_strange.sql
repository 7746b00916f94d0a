-- Reviews in words that hold nothing a language pack can read.
SELECT CAST(count(*) AS BIGINT) AS reviews
FROM events e
WHERE e.kind = 'review' AND e.text IS NOT NULL AND e.item IS NOT NULL AND e.ts <= $now
    AND NOT regexp_matches(e.text, $readable)
