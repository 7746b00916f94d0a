-- The state: for each person (as stored) and subject (an item, or a word they used),
-- place 0: the sum of contributions, of their absolute values, and the moment of the first positive one;
-- place 1 to 3: the strongest positive events.
WITH sums AS (
    SELECT person, source, subject, weight, gross, first_ts FROM profile_kept WHERE place = 0
    UNION ALL
    SELECT person, source, subject, weight, abs(weight) AS gross, CASE WHEN weight > 0 THEN ts END AS first_ts
    FROM profile_contributions
),
strong AS (
    SELECT person, source, subject, weight, event_id, kind, ts, item FROM profile_kept WHERE place > 0
    UNION ALL
    SELECT person, source, subject, weight, event_id, kind, ts, item FROM profile_contributions WHERE weight > 0
),
placed AS (
    SELECT
        person, source, subject, weight, event_id, kind, ts, item,
        CAST(row_number() OVER (PARTITION BY person, source, subject ORDER BY weight DESC, event_id) AS INT) AS place
    FROM strong
)
SELECT
    person,
    source,
    subject,
    CAST(0 AS INT) AS place,
    CAST(sum(weight) AS DOUBLE) AS weight,
    CAST(sum(gross) AS DOUBLE) AS gross,
    min(first_ts) AS first_ts,
    CAST(NULL AS VARCHAR) AS event_id,
    CAST(NULL AS VARCHAR) AS kind,
    CAST(NULL AS TIMESTAMP) AS ts,
    CAST(NULL AS VARCHAR) AS item
FROM sums
GROUP BY person, source, subject
UNION ALL
SELECT
    person,
    source,
    subject,
    place,
    weight,
    CAST(NULL AS DOUBLE) AS gross,
    CAST(NULL AS TIMESTAMP) AS first_ts,
    event_id,
    kind,
    ts,
    item
FROM placed
WHERE place <= 3
