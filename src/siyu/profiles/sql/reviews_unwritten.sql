-- Reviews up to now, and those of them in words.
SELECT
    CAST(count(*) AS BIGINT) AS reviews,
    CAST(sum(CASE WHEN text IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS worded
FROM events
WHERE kind = 'review' AND ts <= $now
