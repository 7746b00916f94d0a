-- Of everyone: how much they did, since when, when they last bought something, and a draw that never changes.
SELECT person, CAST(count(*) AS BIGINT) AS acts, min(ts) AS first,
       max(CASE WHEN kind = 'purchase' AND item IS NOT NULL THEN ts END) AS bought,
       substr(md5(person), 1, 12) AS draw
FROM events
WHERE ts <= $now AND person IS NOT NULL AND person <> ''
GROUP BY person
