-- Of the visible events: how many, of how many people, and the last moment.
SELECT CAST(count(*) AS BIGINT) AS events, CAST(count(DISTINCT person) AS BIGINT) AS people, max(ts) AS last,
       min(ts) AS first
FROM events
