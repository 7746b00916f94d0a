-- Staged rows not set aside so far, with their final id.
SELECT s.*, p.person, coalesce(i.event_id, s.first_id) AS event_id
FROM import_stage s
JOIN import_people p ON p.number = s.number
LEFT JOIN import_ids i ON i._file = s._file AND i._row = s._row AND i._part = s._part
WHERE NOT EXISTS (
    SELECT 1 FROM import_fate f WHERE f._file = s._file AND f._row = s._row AND f._part = s._part
)
