-- Ids that an earlier import may have stored: those whose hash is that of an id of this one. A content id fixes the
-- moment, so the search is bounded by it unless the source has ids of its own.
SELECT e.event_id
FROM import_stored e
WHERE ($unbounded OR e.ts BETWEEN $first AND $last) AND hash(e.event_id) IN (
    SELECT id_hash FROM import_stage WHERE reason IS NULL AND given
    UNION ALL
    SELECT hash(coalesce(i.event_id, c.first_id))
    FROM import_content c
    LEFT JOIN import_renumbered i ON i._key = c._key
)
