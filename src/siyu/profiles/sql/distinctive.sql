-- What tells $person from others, by their part of the divergence: weight x ln(lift).
SELECT facet, value, weight, lift
FROM interests
WHERE person = $person AND lift > 1
ORDER BY round(weight * ln(lift), 9) DESC, facet, value
LIMIT $k
