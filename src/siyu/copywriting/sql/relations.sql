-- The chosen messages, each with the variants the reader got before, those of one product and brief together.
WITH recent AS (
    SELECT m.person, list(m.variant) AS used
    FROM earlier m
    JOIN choices c ON c.person = m.person
    WHERE m.variant IS NOT NULL
    GROUP BY m.person
)
SELECT c.*, r.used
FROM choices c
LEFT JOIN recent r ON r.person = c.person
ORDER BY c.item, c.brief_id, c.past, c.person
