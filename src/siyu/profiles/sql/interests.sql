-- The kept values of one bucket of people with lift and the three strongest events, flat; arranged in evidence.py.
-- Shares that differ by less than 0.01 % are a tie: what a person turned to first comes first.
-- Events are placed in two steps, because sorting millions of rows by text is slow: few are left for the event id to part.
WITH ranked AS (
    SELECT
        no, value_id, facet, gross, weight,
        CAST(row_number() OVER (PARTITION BY no, facet ORDER BY round(weight, 4) DESC, first_ts, value_id) AS INT) AS rank
    FROM profile_shares
    WHERE no % $buckets = $bucket
),
top AS (
    SELECT no, value_id, facet, gross, weight, rank FROM ranked WHERE rank <= $top
),
events AS (
    SELECT w.no, s.source, s.subject, s.weight, s.event_id, s.kind, s.ts, s.item
    FROM profile_state s
    JOIN profile_who w ON w.stored = s.person
    WHERE s.place > 0 AND w.no % $buckets = $bucket
),
spread AS (
    SELECT e.no, v.value_id, e.event_id, e.kind, e.ts, e.item, e.weight * v.part AS weight
    FROM events e
    JOIN profile_item_values v ON v.item = e.subject
    WHERE e.source = 'item'
    UNION ALL
    SELECT e.no, n.value_id, e.event_id, e.kind, e.ts, e.item, e.weight
    FROM events e
    JOIN profile_words w ON w.word = e.subject
    JOIN profile_value_names n ON n.facet = 'keyword' AND n.value = w.shown
    WHERE e.source = 'word'
),
tied AS (
    SELECT
        s.no, s.value_id, s.event_id, s.kind, s.ts, s.item, s.weight,
        rank() OVER (PARTITION BY s.no, s.value_id ORDER BY s.weight DESC, s.ts DESC) AS tie
    FROM spread s
    SEMI JOIN top t ON t.no = s.no AND t.value_id = s.value_id
),
placed AS (
    SELECT
        no, value_id, event_id, kind, ts, item, weight,
        row_number() OVER (PARTITION BY no, value_id ORDER BY weight DESC, ts DESC, event_id) AS place
    FROM tied
    WHERE tie <= 3
),
flat AS (
    SELECT
        no,
        value_id,
        max(CASE WHEN place = 1 THEN event_id END) AS event_id_1,
        max(CASE WHEN place = 1 THEN kind END) AS kind_1,
        max(CASE WHEN place = 1 THEN ts END) AS ts_1,
        max(CASE WHEN place = 1 THEN item END) AS item_1,
        max(CASE WHEN place = 1 THEN weight END) AS weight_1,
        max(CASE WHEN place = 2 THEN event_id END) AS event_id_2,
        max(CASE WHEN place = 2 THEN kind END) AS kind_2,
        max(CASE WHEN place = 2 THEN ts END) AS ts_2,
        max(CASE WHEN place = 2 THEN item END) AS item_2,
        max(CASE WHEN place = 2 THEN weight END) AS weight_2,
        max(CASE WHEN place = 3 THEN event_id END) AS event_id_3,
        max(CASE WHEN place = 3 THEN kind END) AS kind_3,
        max(CASE WHEN place = 3 THEN ts END) AS ts_3,
        max(CASE WHEN place = 3 THEN item END) AS item_3,
        max(CASE WHEN place = 3 THEN weight END) AS weight_3
    FROM placed
    WHERE place <= 3
    GROUP BY no, value_id
)
SELECT
    p.person,
    t.facet,
    n.value,
    t.weight,
    t.weight / m.mean_weight AS lift,
    t.rank,
    t.gross,
    f.event_id_1, f.kind_1, f.ts_1, f.item_1, f.weight_1,
    f.event_id_2, f.kind_2, f.ts_2, f.item_2, f.weight_2,
    f.event_id_3, f.kind_3, f.ts_3, f.item_3, f.weight_3
FROM top t
JOIN (SELECT DISTINCT no, person FROM profile_who) p ON p.no = t.no
JOIN profile_value_names n ON n.value_id = t.value_id
JOIN profile_population m ON m.value_id = t.value_id
LEFT JOIN flat f ON f.no = t.no AND f.value_id = t.value_id
