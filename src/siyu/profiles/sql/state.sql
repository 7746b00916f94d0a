-- The state: for each person (as stored) and subject (an item, or a word they used),
-- place 1 to 3: the strongest positive events, each with its own weight;
-- place 0: the rest, as one row: the sums of weight and of absolute weight, and the moment of the first positive one.
-- Most subjects have one to three events, so this is one pass over the events and hardly any summing.
WITH parts AS (
    SELECT person, source, subject, weight, gross, first_ts, event_id, kind, ts, item FROM profile_kept
    UNION ALL
    SELECT
        person,
        source,
        subject,
        weight,
        abs(weight) AS gross,
        CASE WHEN weight > 0 THEN ts END AS first_ts,
        CASE WHEN weight > 0 THEN event_id END AS event_id,
        CASE WHEN weight > 0 THEN kind END AS kind,
        CASE WHEN weight > 0 THEN ts END AS ts,
        CASE WHEN weight > 0 THEN item END AS item
    FROM profile_contributions
),
placed AS (
    SELECT
        *,
        CASE
            WHEN event_id IS NULL THEN 0
            ELSE row_number() OVER (
                PARTITION BY person, source, subject
                ORDER BY CASE WHEN event_id IS NULL THEN 1 ELSE 0 END, weight DESC, event_id
            )
        END AS place
    FROM parts
)
SELECT person, source, subject, CAST(place AS INT) AS place, weight, gross, first_ts, event_id, kind, ts, item
FROM placed
WHERE place BETWEEN 1 AND 3
UNION ALL
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
FROM placed
WHERE place NOT BETWEEN 1 AND 3
GROUP BY person, source, subject
