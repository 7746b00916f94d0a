-- Returns of which nothing was bought before.
SELECT l._file, l._row, l._part, 'orphan-return' AS reason
FROM import_live l
LEFT JOIN import_parts p ON p._file = l._file AND p._row = l._row AND p._part = l._part
WHERE l.kind = 'return' AND p._file IS NULL
