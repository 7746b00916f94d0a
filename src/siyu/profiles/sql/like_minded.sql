-- The people most like $person. Each facet is a vector over its values, at weight x ln(1 + lift), of length 1; similarity is
-- the mean cosine over the facets that $person has, so that facets with few values do not drown those with many.
WITH damped AS (
    SELECT person, facet, value, weight * ln(1 + lift) AS x FROM interests
),
mine AS (
    SELECT
        facet,
        value,
        x / sqrt(sum(x * x) OVER (PARTITION BY facet)) AS x
    FROM damped
    WHERE person = $person
),
facets AS (
    SELECT CAST(count(DISTINCT facet) AS DOUBLE) AS n FROM mine
),
cosines AS (
    SELECT d.person, d.facet, sum(d.x * coalesce(m.x, CAST(0 AS DOUBLE))) / sqrt(sum(d.x * d.x)) AS cosine
    FROM damped d
    LEFT JOIN mine m ON m.facet = d.facet AND m.value = d.value
    WHERE d.person <> $person
    GROUP BY d.person, d.facet
),
means AS (
    SELECT c.person, CAST(sum(c.cosine) / max(f.n) AS DOUBLE) AS similarity
    FROM cosines c
    CROSS JOIN facets f
    WHERE f.n > 0
    GROUP BY c.person
)
SELECT person, similarity
FROM (SELECT person, similarity, round(similarity, 9) AS place FROM means WHERE similarity > 0) AS placed
ORDER BY place DESC, person
LIMIT $k
