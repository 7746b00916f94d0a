-- All events but those that a cut-off run of this import published.
SELECT e.*
FROM import_everything e
ANTI JOIN (SELECT event_id FROM import_leftover WHERE source = $source) l ON l.event_id = e.event_id
