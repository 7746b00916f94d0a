-- One row a person: all they did with products up to now, unordered. Kinds are numbers (siyu.recommendations.people).
-- Of sessions only whether two are the same counts, so a hash will do.
SELECT e.person, list(struct_pack(
    item := i.code,
    kind := CAST(CASE WHEN e.kind = 'purchase' THEN 6
                      WHEN e.kind = 'return' THEN 7
                      WHEN e.kind NOT IN ('browse', 'cart', 'click', 'review', 'rating') THEN NULL
                      WHEN e.rating <= 2 THEN 5
                      WHEN e.kind = 'browse' THEN 0
                      WHEN e.kind = 'cart' THEN 1
                      WHEN e.kind = 'click' THEN 2
                      WHEN e.kind = 'review' THEN 3
                      ELSE 4 END AS TINYINT),
    ts := CASE WHEN e.kind IN ('purchase', 'return') THEN coalesce(e.effective_ts, e.ts) ELSE e.ts END,
    quantity := CASE WHEN e.quantity > 0 AND e.quantity < 1e12 THEN e.quantity ELSE CAST(1 AS DOUBLE) END,
    basket := CASE WHEN e.kind = 'purchase'
                   THEN coalesce(e.order_id, e.session_id, CAST(CAST(e.ts AS DATE) AS VARCHAR)) END,
    session := CASE WHEN e.kind = 'purchase' THEN CAST(0 AS BIGINT)
                    ELSE CAST(hash(coalesce(e.session_id, CAST(CAST(e.ts AS DATE) AS VARCHAR))) % 2147483647 AS BIGINT) END
)) AS acts
FROM events e
LEFT JOIN rec_items i ON i.item = e.item
WHERE e.ts <= $now AND e.person IS NOT NULL AND e.person <> '' AND $whom
GROUP BY e.person
