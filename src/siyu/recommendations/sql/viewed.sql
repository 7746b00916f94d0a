-- What a person looked at, or put in the cart, and has not bought.
SELECT v.person, v.item, sum(v.weight * power(CAST(0.5 AS DOUBLE), v.age / $half_life)) AS part, 'viewed' AS kind,
       v.item AS past, CAST(NULL AS VARCHAR) AS facet, CAST(NULL AS VARCHAR) AS value,
       CAST(count(*) AS BIGINT) AS count, min(v.age) AS number
FROM rec_interactions v
WHERE v.kind IN ('browse', 'cart', 'click') AND v.person BETWEEN $first AND $last
GROUP BY v.person, v.item
