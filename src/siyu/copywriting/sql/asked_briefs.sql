-- Briefs nobody has written yet, with how many readers share each and its angle. People whose message stays count, too.
WITH angles AS (
    SELECT c.person, c.angle_facet, c.angle_value FROM choices c WHERE c.angle_facet <> ''
    UNION ALL
    SELECT m.person, m.angle_facet, m.angle_value
    FROM mine m
    WHERE m.angle_facet <> '' AND NOT EXISTS (SELECT 1 FROM choices c WHERE c.person = m.person)
),
shared AS (
    SELECT angle_facet, angle_value, count(DISTINCT person) AS readers FROM angles GROUP BY angle_facet, angle_value
),
briefs AS (
    SELECT c.brief_id, min(c.item) AS item, min(c.angle_facet) AS angle_facet, min(c.angle_value) AS angle_value,
           min(c.spoken) AS reason, min(c.occasion) AS occasion, min(c.language) AS language,
           count(*) AS readers
    FROM choices c
    WHERE c.brief_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM pieces p WHERE p.brief_id = c.brief_id AND p.writer = $writer)
    GROUP BY c.brief_id
)
SELECT b.brief_id, b.item, b.angle_facet, b.angle_value, b.reason, b.occasion, b.language,
       CAST(b.readers AS BIGINT) AS readers, CAST(coalesce(s.readers, 0) AS BIGINT) AS angle_readers
FROM briefs b
LEFT JOIN shared s ON s.angle_facet = b.angle_facet AND s.angle_value = b.angle_value
ORDER BY b.item, b.language, b.brief_id
