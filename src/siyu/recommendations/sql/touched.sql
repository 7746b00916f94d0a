-- People with news: events since the last run (what becomes of a message says nothing about taste, but a click does), something recommended that may not be any more, or a new identity.
SELECT person FROM (
    SELECT coalesce(a.person, e.person) AS person
    FROM rec_new e LEFT JOIN rec_aliases a ON a.alias = e.person
    WHERE e.ts <= $now AND e.kind NOT IN ('sent', 'open', 'unsubscribe', 'complaint')
    UNION ALL
    SELECT person FROM events
    WHERE ts > $before AND ts <= $now AND kind NOT IN ('sent', 'open', 'unsubscribe', 'complaint')
    UNION ALL
    SELECT r.person FROM recommendations r JOIN rec_items i ON i.item = r.item WHERE i.veto IS NOT NULL
    UNION ALL
    SELECT r.person FROM recommendations r JOIN exclusions x ON x.person = r.person AND x.item = r.item
    UNION ALL
    SELECT r.person FROM recommendations r JOIN rec_aliases a ON a.alias = r.person
    UNION ALL
    SELECT a.person FROM recommendations r JOIN rec_aliases a ON a.alias = r.person
) news
WHERE person IS NOT NULL AND person <> ''
GROUP BY person
