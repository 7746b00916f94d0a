-- The interests of the people found, with whether $person has them too; those in common by what both put on them;
-- price bands last, for everybody has them.
WITH compared AS (
    SELECT
        i.person,
        i.facet,
        i.value,
        i.weight,
        i.lift,
        m.value IS NOT NULL AS mine,
        CASE WHEN i.facet = 'price_band' THEN 1 ELSE 0 END AS late,
        round(i.weight * ln(1 + i.lift) * coalesce(m.weight, CAST(1 AS DOUBLE)), 9) AS score
    FROM interests i
    JOIN profile_similar s ON s.person = i.person
    LEFT JOIN (SELECT facet, value, weight FROM interests WHERE person = $person) m
        ON m.facet = i.facet AND m.value = i.value
)
SELECT person, facet, value, weight, lift, mine
FROM compared
ORDER BY person, late, score DESC, facet, value
