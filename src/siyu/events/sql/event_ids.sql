-- The id under which each row is stored: the source's own, or that of its content.
SELECT _key, $id_prefix || given_id AS event_id, TRUE AS given FROM import_mapped WHERE given_id IS NOT NULL
UNION ALL
SELECT c._key, coalesce(i.event_id, c.first_id), FALSE
FROM import_content c
LEFT JOIN import_renumbered i ON i._key = c._key
