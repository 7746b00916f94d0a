-- What came after the cut: days until the next purchase, and what was bought and kept of it all.
SELECT
    person,
    CAST(min(CASE WHEN kind = 'purchase' THEN date_diff('second', $cut, ts) END) AS DOUBLE) / 86400 AS next_days,
    CAST(count(DISTINCT CASE WHEN kind = 'purchase' THEN CAST(ts AS DATE) END) AS DOUBLE) AS buys,
    CAST(sum(CASE WHEN kind = 'purchase' THEN amount ELSE -amount END) AS DOUBLE) AS amount
FROM needs_later
WHERE kind = 'purchase' OR (kind = 'return' AND effective_ts >= $cut)
GROUP BY person
