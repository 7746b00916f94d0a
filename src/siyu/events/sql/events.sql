-- What is stored, with sessions. A new moment joins the session of the stored event before it within the gap, or else
-- of the first one after it; stored events never change theirs. The rows of an order stand at the order's first moment.
WITH live AS (
    SELECT l.*, coalesce(a.person, l.person) AS who
    FROM import_live l
    LEFT JOIN import_aliases a ON a.alias = l.person
    WHERE l.kind NOT IN ('identify', 'alias')
), near AS (
    SELECT coalesce(a.person, e.person) AS who, e.ts, e.kind, e.order_id, e.session_id
    FROM import_stored e
    LEFT JOIN import_aliases a ON a.alias = e.person
    WHERE e.ts BETWEEN $near_first AND $near_last
), orders AS (
    SELECT who, order_id, coalesce(min(stored_ts), min(ts)) AS t
    FROM (
        SELECT who, order_id, ts, CAST(NULL AS TIMESTAMP) AS stored_ts FROM live WHERE kind = 'purchase'
        UNION ALL
        SELECT who, order_id, ts, ts FROM near WHERE kind = 'purchase'
    ) o
    WHERE order_id IS NOT NULL
    GROUP BY who, order_id
    HAVING min(ts) <> max(ts)
), placed AS (
    SELECT l.*, CASE WHEN l.kind = 'purchase' THEN coalesce(o.t, l.ts) ELSE l.ts END AS t
    FROM live l
    LEFT JOIN orders o ON o.who = l.who AND o.order_id = l.order_id
), points AS (
    SELECT who, t, max(session_id) AS session_id
    FROM (
        SELECT who, t, CAST(NULL AS VARCHAR) AS session_id FROM placed
        UNION ALL
        SELECT n.who, n.ts, n.session_id FROM near n WHERE n.who IN (SELECT who FROM live)
    ) p
    GROUP BY who, t
), broken AS (
    SELECT *, CASE WHEN t <= lag(t) OVER (PARTITION BY who ORDER BY t) + $gap * INTERVAL '1' SECOND THEN 0 ELSE 1 END
        AS starts
    FROM points
), chained AS (
    SELECT *, sum(starts) OVER (PARTITION BY who ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS chain
    FROM broken
), counted AS (
    SELECT *,
        count(session_id) OVER (PARTITION BY who, chain ORDER BY t
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS seen,
        min(t) OVER (PARTITION BY who, chain) AS start
    FROM chained
), sessions AS (
    SELECT who, t, coalesce(
        max(session_id) OVER (PARTITION BY who, chain, seen),
        max(CASE WHEN seen = 1 THEN session_id END) OVER (PARTITION BY who, chain),
        substr(md5(who || CAST(start AS VARCHAR)), 1, 16)) AS session_id
    FROM counted
)
SELECT
    CASE WHEN p.place > 1 THEN l.event_id || '#' || CAST(p.place AS VARCHAR) ELSE l.event_id END AS event_id,
    l.person, l.kind, l.ts,
    coalesce(p.effective_ts, l.ts) AS effective_ts,
    l.item,
    CAST(coalesce(p.quantity, l.quantity) AS DOUBLE) AS quantity,
    CAST(l.unit_price AS DOUBLE) AS unit_price,
    l.currency, l.order_id, s.session_id,
    w.tokens, w.text,
    CAST(l.rating AS DOUBLE) AS rating,
    l.channel, coalesce(l.language, w.language) AS language, l.message_id,
    $source AS source
FROM placed l
JOIN sessions s ON s.who = l.who AND s.t = l.t
LEFT JOIN import_parts p ON p._file = l._file AND p._row = l._row AND p._part = l._part
LEFT JOIN import_words w ON w.words = l.words AND w.stated = coalesce(l.language, '')
