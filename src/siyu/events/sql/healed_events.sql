-- Returns of earlier imports whose purchase came with this one.
SELECT
    CASE WHEN w.parts + p.place > 1 THEN w.event_id || '#' || CAST(w.parts + p.place AS VARCHAR) ELSE w.event_id END
        AS event_id,
    w.person, w.kind, w.ts, p.effective_ts, w.item, CAST(p.quantity AS DOUBLE) AS quantity, w.unit_price, w.currency,
    w.order_id, w.session_id, w.tokens, w.text, w.rating, w.channel, w.language, w.message_id, w.source
FROM import_waiting w
JOIN import_parts p ON p._key = w._key
