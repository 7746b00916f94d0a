-- The session of every (person, moment). A new moment joins the session of the stored event before it within the gap,
-- or else of the first one after it; stored events never change theirs. An anonymous visitor counts as the person they
-- turned out to be. People without stored events near take the short way: a session is named after its first moment.
WITH fresh AS (
    SELECT DISTINCT w.who, coalesce(o.t, l.ts) AS t
    FROM import_live l
    JOIN import_who w ON w.number = l.number
    LEFT JOIN import_placed o ON o._file = l._file AND o._row = l._row AND o._part = l._part
    WHERE l.kind NOT IN ('identify', 'alias')
), near AS (
    SELECT n.who, e.ts AS t, max(e.session_id) AS session_id
    FROM import_stored e
    JOIN (
        SELECT person, who FROM import_who
        UNION
        SELECT a.alias, w.who FROM import_aliases a JOIN import_who w ON w.target = a.person
        UNION
        SELECT target, who FROM import_who
    ) n ON n.person = e.person
    WHERE e.ts BETWEEN $near_first AND $near_last
    GROUP BY n.who, e.ts
), alone AS (
    SELECT who, t, CASE WHEN t <= lag(t) OVER (PARTITION BY who ORDER BY t) + $gap * INTERVAL '1' SECOND
        THEN NULL ELSE t END AS begins
    FROM fresh
    WHERE who NOT IN (SELECT who FROM near)
), points AS (
    SELECT p.who, p.t, max(p.session_id) AS session_id
    FROM (
        SELECT who, t, CAST(NULL AS VARCHAR) AS session_id FROM fresh WHERE who IN (SELECT who FROM near)
        UNION ALL
        SELECT who, t, session_id FROM near
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
    UNION ALL
    SELECT who, t, max(begins) OVER (PARTITION BY who ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
        CAST(NULL AS VARCHAR)
    FROM alone
)
SELECT who, t, start, session_id FROM joined
