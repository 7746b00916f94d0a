-- Events without what is held out of each person, nor anything that person did at that moment or later.
SELECT e.* FROM events e
LEFT JOIN held_out h ON h.person = e.person AND h.place = $place
WHERE h.person IS NULL OR e.ts < h.ts OR (e.kind = $kind AND e.ts = h.ts AND e.event_id < h.event_id)
