-- What waits from now on: the rest of what waited, and what this import brought and nothing was found for. `file` and
-- `row` are of rows that were set aside; a return that was matched in part waits with the rest of its quantity.
WITH came AS (
    SELECT r.event_id FROM import_return_ids r JOIN import_undone m ON m._key = r._key
), fresh AS (
    SELECT s.*, r.event_id AS id, coalesce(u.quantity, 0) AS undone, u.parts
    FROM import_return_ids r
    JOIN import_stage s ON s._key = r._key
    LEFT JOIN import_undone u ON u._key = s._key
    ANTI JOIN import_waiting_before w ON w.event_id = r.event_id
    WHERE s.kind = 'return'
)
SELECT w.event_id, w.person, w.kind, w.ts, w.effective_ts, w.item,
    CAST(w.quantity - coalesce(u.quantity, 0) AS DOUBLE) AS quantity, w.unit_price, w.currency, w.order_id,
    w.session_id, w.tokens, w.text, w.rating, w.channel, w.language, w.message_id, w.source,
    CASE WHEN u._key IS NULL THEN w.file END AS file, CASE WHEN u._key IS NULL THEN w."row" END AS "row",
    CAST(w.parts + coalesce(u.parts, 0) AS INT) AS parts
FROM import_waiting_before w
LEFT JOIN import_undone u ON u._key = w._key
ANTI JOIN came c ON c.event_id = w.event_id
WHERE w.quantity - coalesce(u.quantity, 0) > 0.000001
UNION ALL
SELECT s.id, n.person, s.kind, s.ts, s.ts, s.item,
    CAST(s.quantity - s.undone AS DOUBLE), CAST(s.unit_price AS DOUBLE), s.currency, s.order_id,
    substr(n.target, 1, 20) || '-' || CAST(date_diff('second', TIMESTAMP '1970-01-01 00:00:00', s.ts) AS VARCHAR),
    CAST(NULL AS VARCHAR[]), CAST(NULL AS VARCHAR), CAST(NULL AS DOUBLE), s.channel, s.language, s.message_id, $source,
    CASE WHEN s.parts IS NULL THEN regexp_replace(f._file, '^.*[/\\]', '') END,
    CASE WHEN s.parts IS NULL THEN CAST(f._row AS BIGINT) END,
    coalesce(s.parts, CAST(0 AS INT))
FROM fresh s
JOIN import_who n ON n.number = s.number
JOIN import_raw f ON f._key = s._key
WHERE s.quantity - s.undone > 0.000001
