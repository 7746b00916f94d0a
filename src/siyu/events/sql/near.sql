-- Moments and sessions of stored events about the time of this import, of people who are in it. An anonymous visitor
-- counts as the person they turned out to be.
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
