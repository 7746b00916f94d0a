-- Numbers of the people whose rows may have changed since $before: they have new events, or events that the clock has
-- passed since; somebody was found to be them, or not to be them; a product or word of theirs says something else now.
SELECT person_no
FROM (
    SELECT w.person_no FROM profile_added a JOIN profile_who w ON w.no = a.no WHERE a.ts <= $now
    UNION ALL
    SELECT w.person_no
    FROM profile_histories h
    JOIN profile_who w ON w.no = h.no
    WHERE $pending > 0 AND h.ts > $before AND h.ts <= $now
    UNION ALL
    SELECT person_no FROM profile_who_changes WHERE person_before IS NOT NULL
    UNION ALL
    SELECT person_before AS person_no FROM profile_who_changes WHERE person_before IS NOT NULL
    UNION ALL
    SELECT w.person_no
    FROM profile_histories h
    JOIN profile_changed_items c ON c.item = h.item
    JOIN profile_who w ON w.no = h.no
    UNION ALL
    SELECT w.person_no
    FROM (SELECT no, unnest(tokens) AS word FROM profile_histories WHERE $changed_words > 0 AND tokens IS NOT NULL) h
    JOIN profile_changed_words c ON c.word = h.word
    JOIN profile_who w ON w.no = h.no
) t
GROUP BY person_no
