-- First and last moment, people and products of the shop's events up to now.
SELECT min(ts) AS first_ts, max(ts) AS last_ts, CAST(count(*) AS BIGINT) AS events,
       CAST(count(DISTINCT person) AS BIGINT) AS people, CAST(count(DISTINCT item) AS BIGINT) AS items
FROM events
WHERE ts <= $now AND kind IN $kinds
