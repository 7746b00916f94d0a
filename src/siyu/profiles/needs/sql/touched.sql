-- People who did something since the last run, or turned out to be someone else.
SELECT person FROM (
    SELECT coalesce(a.person, e.person) AS person
    FROM needs_new e LEFT JOIN needs_aliases a ON a.alias = e.person
    WHERE e.ts <= $now AND e.kind NOT IN ('sent', 'unsubscribe', 'complaint')
    UNION ALL
    SELECT person FROM needs_events
    WHERE ts > $before AND ts <= $now AND kind NOT IN ('sent', 'unsubscribe', 'complaint')
    UNION ALL
    SELECT n.person FROM needs n JOIN needs_aliases a ON a.alias = n.person
    UNION ALL
    SELECT a.person FROM needs n JOIN needs_aliases a ON a.alias = n.person
) news
WHERE person IS NOT NULL AND person <> ''
GROUP BY person
