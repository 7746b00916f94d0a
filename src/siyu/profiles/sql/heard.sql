-- Events that this run hears of first: those added, and those that the clock has passed since $before.
SELECT tokens FROM profile_added WHERE ts <= $now
UNION ALL
SELECT h.tokens
FROM profile_histories h
ANTI JOIN profile_added a ON a.event_id = h.event_id
WHERE $pending > 0 AND h.ts > $before AND h.ts <= $now
