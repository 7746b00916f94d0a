-- Rows whose event was stored by an earlier import. A content id fixes the moment, so the search is bounded by it
-- unless the source has ids of its own.
SELECT n._file, n._row, n._part,
    CASE WHEN NOT n.given
            OR (n.person = e.person AND n.kind = e.kind AND n.ts = e.ts AND coalesce(n.item, '') = coalesce(e.item, ''))
        THEN 'duplicate-id' ELSE 'conflicting-id' END AS reason
FROM import_live n
JOIN import_stored e ON e.event_id = n.event_id
WHERE $unbounded OR e.ts BETWEEN $first AND $last
