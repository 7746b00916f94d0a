-- What people of a segment like more often than all others do: among the first $top values of a facet, at least $least
-- people, and a ratio of shares whose interval (Katz et al. 1978, half a person added to each count; 99 %) stays above
-- $apart. Strongest first by share x ln(ratio). Without
-- price bands: those are of a category, and what people spend is told by the features.
WITH liked AS (
    SELECT p.segment, i.facet, i.value, CAST(count(*) AS DOUBLE) AS people
    FROM interests i
    JOIN people p ON p.person = i.person
    WHERE i.rank <= $top AND p.segment IS NOT NULL AND i.facet <> 'price_band'
    GROUP BY p.segment, i.facet, i.value
),
sizes AS (
    SELECT segment, CAST(count(*) AS DOUBLE) AS size FROM people WHERE segment IS NOT NULL GROUP BY segment
),
whole AS (
    SELECT sum(size) AS size FROM sizes
),
everywhere AS (
    SELECT facet, value, sum(people) AS people FROM liked GROUP BY facet, value
),
compared AS (
    SELECT
        l.segment,
        l.facet,
        l.value,
        l.people,
        l.people / s.size AS share,
        l.people + CAST(0.5 AS DOUBLE) AS a,
        s.size + CAST(0.5 AS DOUBLE) AS n,
        e.people - l.people + CAST(0.5 AS DOUBLE) AS b,
        w.size - s.size + CAST(0.5 AS DOUBLE) AS m
    FROM liked l
    JOIN sizes s ON s.segment = l.segment
    JOIN everywhere e ON e.facet = l.facet AND e.value = l.value
    CROSS JOIN whole w
    WHERE l.people >= $least AND w.size > s.size
),
judged AS (
    SELECT
        segment,
        facet,
        value,
        people,
        share,
        (a / n) / (b / m) AS lift,
        ln((a / n) / (b / m)) - CAST(2.5758 AS DOUBLE) * sqrt(1 / a - 1 / n + 1 / b - 1 / m) AS low
    FROM compared
),
scored AS (
    SELECT segment, facet, value, people, share, lift, round(share * ln(lift), 9) AS score
    FROM judged
    WHERE low > ln(CAST($apart AS DOUBLE))
),
ordered AS (
    SELECT
        segment,
        facet,
        value,
        people,
        share,
        lift,
        CAST(row_number() OVER (PARTITION BY segment ORDER BY score DESC, facet, value) AS INT) AS place
    FROM scored
)
SELECT segment, facet, value, CAST(people AS BIGINT) AS people, share, lift, place
FROM ordered
WHERE place <= $shown
ORDER BY segment, place
