-- Rows of this import that share an id with another one; of given ids also a few that share the hash of theirs only.
SELECT s._key, CAST(NULL AS VARCHAR) AS first_id, TRUE AS given
FROM import_stage s
JOIN (
    SELECT id_hash FROM import_stage WHERE reason IS NULL AND given GROUP BY id_hash HAVING count(*) > 1
) d ON d.id_hash = s.id_hash
WHERE s.reason IS NULL AND s.given
UNION ALL
SELECT c._key, c.first_id, FALSE
FROM import_content c
JOIN (SELECT first_id FROM import_content GROUP BY first_id HAVING count(*) > 1) d ON d.first_id = c.first_id
