-- Events as this room keeps them: by number, in buckets of people, with what is null wherever it says nothing.
-- Whatever depends on settings, on now or on who is who is worked out when they are read.
SELECT
    w.no,
    CAST(w.person_no % $buckets AS INT) AS bucket,
    e.event_id,
    e.kind,
    e.ts,
    CASE WHEN e.effective_ts <> e.ts THEN e.effective_ts END AS effective_ts,
    e.item,
    CASE WHEN e.kind IN ('cart', 'purchase', 'return') THEN e.quantity END AS quantity,
    CASE WHEN e.kind = 'purchase' THEN e.base_price END AS unit_price,
    CASE WHEN e.kind = 'purchase' THEN e.order_id END AS order_id,
    e.tokens,
    CASE WHEN e.kind IN ('review', 'rating', 'feedback') THEN coalesce((e.rating - 3) / 2, v.valence) END AS valence,
    e.channel,
    e.language
FROM profile_new e
JOIN profile_who w ON w.stored = e.person
LEFT JOIN profile_valence v ON v.event_id = e.event_id
WHERE e.kind <> 'sent'
