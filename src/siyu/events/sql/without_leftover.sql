-- All events but those that a cut-off run of this import published.
SELECT e.*
FROM import_everything e
WHERE NOT EXISTS (SELECT 1 FROM import_leftover l WHERE l.event_id = e.event_id AND l.source = $source)
