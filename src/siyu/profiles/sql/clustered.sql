-- Histories in buckets of the people they belong to now.
SELECT
    h.no,
    CAST(w.person_no % $buckets AS INT) AS bucket,
    h.event_id,
    h.kind,
    h.ts,
    h.effective_ts,
    h.item,
    h.quantity,
    h.unit_price,
    h.order_id,
    h.tokens,
    h.valence,
    h.channel,
    h.language
FROM profile_source h
JOIN profile_who w ON w.no = h.no
