-- How each product is bought again: days (UTC) a person bought it on are counted once; the interval is pooled.
WITH days AS (
    SELECT person, item, CAST(ts AS DATE) AS day, min(age) AS age
    FROM rec_interactions WHERE kind = 'purchase' GROUP BY person, item, CAST(ts AS DATE)
),
people AS (
    SELECT person, item, count(*) AS times, date_diff('day', min(day), max(day)) AS span
    FROM days GROUP BY person, item
)
SELECT item, CAST(count(*) AS BIGINT) AS buyers,
       CAST(sum(CASE WHEN times >= 2 THEN 1 ELSE 0 END) AS BIGINT) AS repeaters,
       CAST(sum(span) AS DOUBLE) / CAST(sum(times - 1) AS DOUBLE) AS interval_days
FROM people
GROUP BY item
HAVING sum(times - 1) > 0
