-- Returns that wait for their purchase, from earlier imports: what is left of them. One that came again with this
-- import is matched as a row of it.
SELECT w.*
FROM import_waiting_before w
ANTI JOIN import_return_ids r ON r.event_id = w.event_id
