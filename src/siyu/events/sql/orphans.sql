-- Returns of which nothing was bought before.
SELECT l._key, 'orphan-return' AS reason
FROM import_live l
LEFT JOIN import_parts p ON p._key = l._key
WHERE l.kind = 'return' AND p._key IS NULL
