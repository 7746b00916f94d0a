-- Each person's usual hour (mode over hours, each lending half its count to its neighbours around the clock),
-- channel and language (the most frequent; ties by alphabet).
WITH acts AS (
    SELECT person, ts, channel, language FROM profile_events WHERE kind <> 'sent' AND person IS NOT NULL
),
hours AS (
    SELECT person, CAST(extract(hour FROM ts) AS INT) AS hour, count(*) AS n
    FROM acts
    GROUP BY person, CAST(extract(hour FROM ts) AS INT)
),
lent AS (
    SELECT person, hour, 2 * n AS n, n AS own FROM hours
    UNION ALL
    SELECT person, (hour + 1) % 24 AS hour, n, 0 AS own FROM hours
    UNION ALL
    SELECT person, (hour + 23) % 24 AS hour, n, 0 AS own FROM hours
),
summed AS (
    SELECT person, hour, sum(n) AS n, sum(own) AS own FROM lent GROUP BY person, hour
),
best_hour AS (
    SELECT person, hour, row_number() OVER (PARTITION BY person ORDER BY n DESC, own DESC, hour) AS place FROM summed
),
best_channel AS (
    SELECT person, channel, row_number() OVER (PARTITION BY person ORDER BY n DESC, channel) AS place
    FROM (SELECT person, channel, count(*) AS n FROM acts WHERE channel IS NOT NULL GROUP BY person, channel) c
),
best_language AS (
    SELECT person, language, row_number() OVER (PARTITION BY person ORDER BY n DESC, language) AS place
    FROM (SELECT person, language, count(*) AS n FROM acts WHERE language IS NOT NULL GROUP BY person, language) l
)
SELECT h.person, h.hour AS usual_hour, c.channel, l.language
FROM best_hour h
LEFT JOIN best_channel c ON c.person = h.person AND c.place = 1
LEFT JOIN best_language l ON l.person = h.person AND l.place = 1
WHERE h.place = 1
