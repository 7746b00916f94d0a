-- The products that stand for each value of an interest: the best sold lately and the newest. A rare value says more.
WITH terms AS (SELECT DISTINCT facet, term, item FROM rec_terms),
wide AS (
    SELECT facet, term, CAST(count(*) AS DOUBLE) AS items FROM terms GROUP BY facet, term
),
size AS (SELECT CAST(count(*) AS DOUBLE) AS items FROM rec_items WHERE veto IS NULL),
placed AS (
    SELECT t.facet, t.term, t.item,
           row_number() OVER (
               PARTITION BY t.facet, t.term ORDER BY coalesce(s.recent, 0) DESC, i.first_seen DESC, t.item
           ) AS by_sales,
           row_number() OVER (PARTITION BY t.facet, t.term ORDER BY i.first_seen DESC, t.item) AS by_age
    FROM terms t
    JOIN rec_items i ON i.code = t.item AND i.veto IS NULL
    LEFT JOIN rec_renown s ON s.item = t.item
)
SELECT p.facet, p.term, p.item, f.weight * ln(1 + z.items / w.items) / ln(1 + z.items) AS strength
FROM placed p
JOIN wide w ON w.facet = p.facet AND w.term = p.term
JOIN rec_facets f ON f.facet = p.facet AND f.weight > 0
CROSS JOIN size z
WHERE p.by_sales <= $best_sold OR p.by_age <= $newest
