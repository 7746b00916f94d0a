-- Recency-weighted cosine of every two products that share a unit often enough; the best few of each product.
WITH support AS (
    SELECT item, count(*) AS units, sum(weight) AS weight FROM rec_units GROUP BY item HAVING count(*) >= $least
),
kept AS (
    SELECT u.unit, u.item, u.weight FROM rec_units u JOIN support s ON s.item = u.item
),
total AS (SELECT CAST(count(DISTINCT unit) AS DOUBLE) AS units FROM rec_units),
pairs AS (
    SELECT a.item AS item, b.item AS neighbour, count(*) AS units, sum(least(a.weight, b.weight)) AS weight
    FROM kept a JOIN kept b ON b.unit = a.unit AND b.item > a.item
    GROUP BY a.item, b.item
    HAVING count(*) >= $least
),
mirrored AS (
    SELECT item, neighbour, units, weight FROM pairs
    UNION ALL
    SELECT neighbour AS item, item AS neighbour, units, weight FROM pairs
),
measured AS (
    SELECT m.item, m.neighbour, m.units,
           m.weight / sqrt(a.weight * b.weight) AS cosine,
           CAST(m.units AS DOUBLE) * t.units / (CAST(a.units AS DOUBLE) * CAST(b.units AS DOUBLE)) AS lift
    FROM mirrored m
    JOIN support a ON a.item = m.item
    JOIN support b ON b.item = m.neighbour
    CROSS JOIN total t
),
ranked AS (
    SELECT item, neighbour, units, cosine, lift,
           row_number() OVER (PARTITION BY item ORDER BY round(cosine, 9) DESC, neighbour) AS place
    FROM measured
)
SELECT $relation AS relation, $window AS unit, item, neighbour, CAST(units AS BIGINT) AS units, cosine, lift
FROM ranked
WHERE place <= $neighbours
