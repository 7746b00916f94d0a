-- Sealed rows of returns that were set aside and are events now.
WITH healed AS (
    SELECT w.source, w.file, w."row", count(*) AS n
    FROM import_waiting_before w
    WHERE w.file IS NOT NULL AND (
        EXISTS (SELECT 1 FROM import_undone u WHERE u._key = w._key) OR EXISTS (
            SELECT 1 FROM import_return_ids r JOIN import_undone m ON m._key = r._key WHERE r.event_id = w.event_id
        )
    )
    GROUP BY w.source, w.file, w."row"
), candidates AS (
    SELECT q.payload, h.n,
        row_number() OVER (PARTITION BY q.source, q.file, q."row" ORDER BY q.imported_at, q.payload) AS place
    FROM import_aside q
    JOIN healed h ON h.source = q.source AND h.file = q.file AND h."row" = q."row"
    WHERE q.reason = 'orphan-return'
)
SELECT payload FROM candidates WHERE place <= n
