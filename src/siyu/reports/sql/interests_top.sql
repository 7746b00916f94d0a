-- The values that come first for most people, per facet; values of few people are not shown. A person has a value once.
WITH counted AS (
    SELECT facet, value, CAST(count(*) AS BIGINT) AS people, CAST(avg(weight) AS DOUBLE) AS weight,
           CAST(avg(lift) AS DOUBLE) AS lift, CAST(sum(CASE WHEN rank = 1 THEN 1 ELSE 0 END) AS BIGINT) AS first_for
    FROM interests
    GROUP BY facet, value
), ranked AS (
    SELECT facet, value, people, first_for, weight, lift,
           row_number() OVER (PARTITION BY facet ORDER BY first_for DESC, people DESC, value) AS place
    FROM counted
    WHERE first_for >= $least
)
SELECT facet, value, people, first_for, weight, lift FROM ranked WHERE place <= $top ORDER BY facet, place
