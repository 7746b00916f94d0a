-- Which products belong together: those of one basket or session, or the latest of one person. A heavy basket tells
-- little and costs the square of its size, so it is left out.
WITH single AS (
    SELECT CASE WHEN $window = 'person' THEN person ELSE unit END AS unit, item, min(age) AS age
    FROM rec_interactions
    WHERE weight > 0 AND (kind = 'purchase') = $bought
    GROUP BY CASE WHEN $window = 'person' THEN person ELSE unit END, item
),
sized AS (
    SELECT unit, item, age,
           count(*) OVER (PARTITION BY unit) AS size,
           row_number() OVER (PARTITION BY unit ORDER BY age, item) AS place
    FROM single
)
SELECT unit, item, power(CAST(0.5 AS DOUBLE), age / $half_life) AS weight
FROM sized
WHERE ($window = 'person' AND place <= $history) OR ($window <> 'person' AND size <= $heaviest)
