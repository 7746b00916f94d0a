-- What a person buys again: how often and how lately, times how due it is by their own interval and the product's.
WITH days AS (
    SELECT person, item, CAST(ts AS DATE) AS day, min(age) AS age
    FROM rec_interactions
    WHERE kind = 'purchase' AND person BETWEEN $first AND $last
    GROUP BY person, item, CAST(ts AS DATE)
),
people AS (
    SELECT person, item, count(*) AS times, min(age) AS last_age,
           CAST(date_diff('day', min(day), max(day)) AS DOUBLE) AS span,
           sum(power(CAST(0.5 AS DOUBLE), age / $half_life)) AS frequency
    FROM days GROUP BY person, item
),
timed AS (
    SELECT p.person, p.item, p.times, p.frequency, p.last_age, r.repeaters, r.interval_days,
           CASE WHEN p.times >= 2 THEN p.span / CAST(p.times - 1 AS DOUBLE) END AS own_days,
           (p.span + $prior * r.interval_days) / (CAST(p.times - 1 AS DOUBLE) + $prior) AS expected
    FROM people p
    JOIN rec_repeat r ON r.item = p.item
    WHERE p.times >= 2 OR r.repeaters >= $repeaters
),
due AS (
    SELECT person, item, times, frequency, own_days, interval_days,
           last_age / greatest(expected, CAST(1 AS DOUBLE)) AS due
    FROM timed
)
SELECT person, item,
       frequency * CASE WHEN due < 1 THEN $early + (1 - $early) * due
                        ELSE power(due, -$late) END AS part,
       'repeat' AS kind, item AS past, CAST(NULL AS VARCHAR) AS facet,
       CASE WHEN times >= 2 THEN 'person' ELSE 'everyone' END AS value,
       CAST(times AS BIGINT) AS count, coalesce(own_days, interval_days) AS number
FROM due
