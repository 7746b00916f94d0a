-- What is stored. A return that undoes several purchases becomes one event for each.
SELECT
    CASE WHEN p.place > 1 THEN c.event_id || '#' || CAST(p.place AS VARCHAR) ELSE c.event_id END AS event_id,
    n.person, c.kind, c.ts,
    coalesce(p.effective_ts, c.ts) AS effective_ts,
    c.item,
    CAST(coalesce(p.quantity, c.quantity) AS DOUBLE) AS quantity,
    CAST(c.unit_price AS DOUBLE) AS unit_price,
    CASE WHEN c.unit_price IS NOT NULL THEN c.currency END AS currency,
    c.order_id,
    coalesce(s.session_id, substr(n.target, 1, 20) || '-'
        || CAST(date_diff('second', TIMESTAMP '1970-01-01 00:00:00', s.start) AS VARCHAR)) AS session_id,
    w.tokens, w.text,
    CAST(CASE WHEN c.kind IN ('review', 'rating') THEN c.rating END AS DOUBLE) AS rating,
    c.channel, coalesce(c.language, w.language) AS language, c.message_id,
    $source AS source
FROM import_identified c
JOIN import_sessions s ON s._key = c._key
JOIN import_who n ON n.number = s.number
LEFT JOIN import_parts p ON p._key = c._key
LEFT JOIN import_words w ON w.words = c.words AND w.stated = coalesce(c.language, '')
