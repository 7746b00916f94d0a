-- The ids of the returns of this import that are no copies.
SELECT s._key, coalesce(s.event_id, i.event_id, c.first_id) AS event_id
FROM import_stage s
LEFT JOIN import_content c ON c._key = s._key
LEFT JOIN import_renumbered i ON i._key = s._key
LEFT JOIN import_fate a ON a._key = s._key
WHERE s.kind = 'return' AND s.reason IS NULL AND (a._key IS NULL OR a.reason = 'orphan-return')
