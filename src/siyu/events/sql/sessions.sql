-- The session of every row. A new moment joins the session of the stored event before it within the gap, or else of
-- the first one after it; stored events never change theirs. People without stored events near take the short way: a
-- session is named after its first moment.
WITH fresh AS (
    SELECT l._key, l.number, w.who, coalesce(o.t, l.ts) AS t
    FROM import_live l
    JOIN import_who w ON w.number = l.number
    LEFT JOIN import_placed o ON o._key = l._key
    WHERE l.kind NOT IN ('identify', 'alias')
), alone AS (
    SELECT _key, number, who, t, CASE WHEN t <= lag(t) OVER (PARTITION BY who ORDER BY t) + $gap * INTERVAL '1' SECOND
        THEN NULL ELSE t END AS begins
    FROM fresh
    WHERE who NOT IN (SELECT who FROM import_near)
), points AS (
    SELECT p.who, p.t, max(p.session_id) AS session_id
    FROM (
        SELECT who, t, CAST(NULL AS VARCHAR) AS session_id FROM fresh WHERE who IN (SELECT who FROM import_near)
        UNION ALL
        SELECT who, t, session_id FROM import_near
    ) p
    GROUP BY p.who, p.t
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
), joined AS (
    SELECT who, t, start, coalesce(
        max(session_id) OVER (PARTITION BY who, chain, seen),
        max(CASE WHEN seen = 1 THEN session_id END) OVER (PARTITION BY who, chain)) AS session_id
    FROM counted
)
SELECT _key, number,
    max(begins) OVER (PARTITION BY who ORDER BY t RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS start,
    CAST(NULL AS VARCHAR) AS session_id
FROM alone
UNION ALL
SELECT f._key, f.number, j.start, j.session_id
FROM fresh f
JOIN joined j ON j.who = f.who AND j.t = f.t
