-- Staged rows not set aside so far.
SELECT s.*
FROM import_stage s
ANTI JOIN import_fate f ON f._key = s._key
WHERE s.reason IS NULL
