-- Rows of this import that share an id with another one.
SELECT s._key, m.given_id AS first_id, s.given
FROM import_mapped m
JOIN (SELECT given_id FROM import_mapped WHERE given_id IS NOT NULL GROUP BY given_id HAVING count(*) > 1) d
    ON d.given_id = m.given_id
JOIN import_stage s ON s._key = m._key
WHERE s.reason IS NULL
UNION ALL
SELECT c._key, c.first_id, FALSE
FROM import_content c
JOIN (SELECT first_id FROM import_content GROUP BY first_id HAVING count(*) > 1) d ON d.first_id = c.first_id
