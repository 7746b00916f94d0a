-- The values that most people have, per facet; values of few people are not shown.
WITH counted AS (
    SELECT facet, value, CAST(count(DISTINCT person) AS BIGINT) AS people, CAST(avg(weight) AS DOUBLE) AS weight,
           CAST(avg(lift) AS DOUBLE) AS lift
    FROM interests
    GROUP BY facet, value
    HAVING count(DISTINCT person) >= $least
), ranked AS (
    SELECT facet, value, people, weight, lift,
           row_number() OVER (PARTITION BY facet ORDER BY people DESC, value) AS place
    FROM counted
)
SELECT facet, value, people, weight, lift FROM ranked WHERE place <= $top ORDER BY facet, place
