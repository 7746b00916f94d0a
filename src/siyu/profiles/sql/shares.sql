-- Every person's values with their share within the facet, for one bucket of people.
-- Sums below a billionth of what was added and taken away are rounding, not interest.
WITH subjects AS (
    SELECT
        w.no,
        s.source,
        s.subject,
        CAST(sum(s.weight) AS DOUBLE) AS weight,
        CAST(sum(s.gross) AS DOUBLE) AS gross,
        min(s.first_ts) AS first_ts
    FROM profile_state s
    JOIN profile_who w ON w.stored = s.person
    WHERE w.no % $buckets = $bucket
    GROUP BY w.no, s.source, s.subject
),
spread AS (
    SELECT s.no, v.value_id, s.weight * v.part AS weight, s.gross * v.part AS gross, s.first_ts
    FROM subjects s
    JOIN profile_item_values v ON v.item = s.subject
    WHERE s.source = 'item'
    UNION ALL
    SELECT s.no, n.value_id, s.weight, s.gross, s.first_ts
    FROM subjects s
    JOIN profile_words w ON w.word = s.subject
    JOIN profile_value_names n ON n.facet = 'keyword' AND n.value = w.shown
    WHERE s.source = 'word'
),
netted AS (
    SELECT
        no,
        value_id,
        CAST(sum(weight) AS DOUBLE) AS weight,
        CAST(sum(gross) AS DOUBLE) AS gross,
        min(first_ts) AS first_ts
    FROM spread
    GROUP BY no, value_id
    HAVING sum(weight) > CAST(0.000000001 AS DOUBLE) * sum(gross)
)
SELECT
    t.no,
    t.value_id,
    n.facet,
    t.gross,
    t.first_ts,
    t.weight / sum(t.weight) OVER (PARTITION BY t.no, n.facet) AS weight
FROM netted t
JOIN profile_value_names n ON n.value_id = t.value_id
