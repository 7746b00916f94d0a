-- Staged rows not set aside so far.
SELECT s.*
FROM import_stage s
WHERE s.reason IS NULL AND NOT EXISTS (SELECT 1 FROM import_fate f WHERE f._key = s._key)
