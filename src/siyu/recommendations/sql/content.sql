-- Products that match a person's interests; those that are new say so too.
WITH wanted AS (
    SELECT p.code AS person, n.facet, n.value, k.term, n.weight
    FROM rec_interests n
    JOIN rec_people p ON p.person = n.person
    JOIN rec_interest_terms k ON k.facet = n.facet AND k.value = n.value
    WHERE n.rank <= $interests AND n.weight > 0 AND p.code BETWEEN $first AND $last
),
matched AS (
    SELECT w.person, s.item, w.weight * s.strength AS part, w.facet, w.value, w.weight
    FROM wanted w JOIN rec_shelves s ON s.facet = w.facet AND s.term = w.term
)
SELECT person, item, part, 'interest' AS kind, CAST(NULL AS INT) AS past, facet, value,
       CAST(NULL AS BIGINT) AS count, weight AS number
FROM matched
UNION ALL
SELECT m.person, m.item, $fresh * sum(m.part) AS part, 'new' AS kind, CAST(NULL AS INT) AS past,
       CAST(NULL AS VARCHAR) AS facet, CAST(NULL AS VARCHAR) AS value, CAST(NULL AS BIGINT) AS count, min(f.days) AS number
FROM matched m JOIN rec_fresh f ON f.item = m.item
GROUP BY m.person, m.item
