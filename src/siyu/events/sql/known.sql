-- Ids that an earlier import has stored. A content id fixes the moment, so the search is bounded by it unless the
-- source has ids of its own.
SELECT e.event_id
FROM import_stored e
WHERE ($unbounded OR e.ts BETWEEN $first AND $last) AND e.event_id IN (SELECT event_id FROM import_event_ids)
