-- What tells $person from others, by their part of the divergence: weight x ln(lift).
WITH scored AS (
    SELECT facet, value, weight, lift, round(weight * ln(lift), 9) AS score
    FROM interests
    WHERE person = $person AND lift > 1
)
SELECT facet, value, weight, lift
FROM scored
ORDER BY score DESC, facet, value
LIMIT $k
