-- Returns that wait for their purchase, from earlier imports: what is left of them. One that came again with this
-- import is matched as a row of it.
SELECT w.*
FROM import_waiting_before w
WHERE NOT EXISTS (SELECT 1 FROM import_return_ids r WHERE r.event_id = w.event_id)
