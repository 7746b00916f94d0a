-- The session of every (person, moment). A new moment joins the session of the stored event before it within the gap,
-- or else of the first one after it; stored events never change theirs. An anonymous visitor counts as the person they
-- turned out to be.
WITH points AS (
    SELECT who, t, max(session_id) AS session_id
    FROM (
        SELECT coalesce(a.person, l.person) AS who, l.t, CAST(NULL AS VARCHAR) AS session_id
        FROM (
            SELECT DISTINCT s.person, coalesce(o.t, s.ts) AS t
            FROM import_live s
            LEFT JOIN import_placed o ON o._file = s._file AND o._row = s._row AND o._part = s._part
            WHERE s.kind NOT IN ('identify', 'alias')
        ) l
        LEFT JOIN import_aliases a ON a.alias = l.person
        UNION ALL
        SELECT coalesce(a.person, e.person), e.ts, e.session_id
        FROM import_stored e
        LEFT JOIN import_aliases a ON a.alias = e.person
        WHERE e.ts BETWEEN $near_first AND $near_last
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
)
SELECT who, t, coalesce(
    max(session_id) OVER (PARTITION BY who, chain, seen),
    max(CASE WHEN seen = 1 THEN session_id END) OVER (PARTITION BY who, chain),
    substr(md5(who || CAST(start AS VARCHAR)), 1, 16)) AS session_id
FROM counted
