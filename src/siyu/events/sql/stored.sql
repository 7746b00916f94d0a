-- Rows whose event was stored by an earlier import.
SELECT l._key,
    CASE WHEN NOT n.given
            OR (p.person = e.person AND l.kind = e.kind AND l.ts = e.ts AND coalesce(m.item, '') = coalesce(e.item, ''))
        THEN 'duplicate-id' ELSE 'conflicting-id' END AS reason
FROM import_known k
JOIN import_stored e ON e.event_id = k.event_id
JOIN import_event_ids n ON n.event_id = k.event_id
JOIN import_live l ON l._key = n._key
JOIN import_people p ON p.number = l.number
JOIN import_mapped m ON m._key = l._key
