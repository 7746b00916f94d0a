-- What is stored. A return that undoes several purchases becomes one event for each.
SELECT
    CASE WHEN p.place > 1 THEN l.event_id || '#' || CAST(p.place AS VARCHAR) ELSE l.event_id END AS event_id,
    l.person, l.kind, l.ts,
    coalesce(p.effective_ts, l.ts) AS effective_ts,
    l.item,
    CAST(coalesce(p.quantity, l.quantity) AS DOUBLE) AS quantity,
    CAST(l.unit_price AS DOUBLE) AS unit_price,
    l.currency, l.order_id,
    coalesce(s.session_id, substr(n.target, 1, 20) || '-'
        || CAST(date_diff('second', TIMESTAMP '1970-01-01 00:00:00', s.start) AS VARCHAR)) AS session_id,
    w.tokens, w.text,
    CAST(l.rating AS DOUBLE) AS rating,
    l.channel, coalesce(l.language, w.language) AS language, l.message_id,
    $source AS source
FROM import_live l
LEFT JOIN import_placed o ON o._file = l._file AND o._row = l._row AND o._part = l._part
JOIN import_who n ON n.number = l.number
JOIN import_sessions s ON s.who = n.who AND s.t = coalesce(o.t, l.ts)
LEFT JOIN import_parts p ON p._file = l._file AND p._row = l._row AND p._part = l._part
LEFT JOIN import_words w ON w.words = l.words AND w.stated = coalesce(l.language, '')
WHERE l.kind NOT IN ('identify', 'alias')
