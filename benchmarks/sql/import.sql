-- The plain way to clean events: what an analyst would write for DuckDB, run as it stands, statement by statement.
-- Checks, one row an id, bots, returns against what was bought, who an anonymous visitor turned out to be, sessions.
-- Nothing is kept of a row that fails, nothing is said about why, people keep the shop's own ids, texts stay as typed.
-- Parameters: the files, the latest moment a row may tell of, the folder of the answer.

CREATE TABLE clean AS
SELECT
    file_row_number AS row, file_index AS file, event_id,
    CASE WHEN user_id IS NULL THEN 'anonymous:' || anonymous_id ELSE user_id END AS person,
    CASE WHEN user_id IS NOT NULL THEN 'anonymous:' || anonymous_id END AS alias,
    kind, CAST(ts AS TIMESTAMP) AS ts, item, coalesce(quantity, 1) AS quantity, unit_price,
    CASE WHEN unit_price IS NOT NULL THEN currency END AS currency, order_id,
    CASE kind WHEN 'search' THEN query WHEN 'review' THEN text END AS words,
    CASE WHEN kind IN ('review', 'rating') THEN rating END AS rating, channel, language, message_id
FROM read_parquet($files, file_row_number = true)
WHERE (user_id IS NOT NULL OR anonymous_id IS NOT NULL)
    AND kind IN ('browse', 'search', 'cart', 'purchase', 'return', 'review', 'rating', 'feedback', 'sent', 'open',
        'click', 'unsubscribe', 'complaint', 'identify', 'alias')
    AND ts >= TIMESTAMPTZ '1990-01-01 00:00:00+00' AND ts <= $latest
    AND (kind IN ('identify', 'alias') OR (
        NOT (item IS NULL AND kind IN ('browse', 'cart', 'purchase', 'return', 'review', 'rating'))
        AND (quantity IS NULL OR (quantity > 0 AND quantity <= 1e6))
        AND (unit_price IS NULL OR (unit_price >= 0 AND unit_price <= 1e9 AND currency IN $currencies))
        AND NOT (unit_price IS NOT NULL AND unit_price = 0 AND kind IN ('purchase', 'return'))
        AND NOT (rating IS NULL AND kind = 'rating')
        AND (rating IS NULL OR (rating >= 1 AND rating <= 5))
    ));

CREATE TABLE once AS
SELECT * FROM clean
QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY file, row) = 1;

DROP TABLE clean;

CREATE TABLE bots AS
SELECT DISTINCT person, day FROM (
    SELECT person, CAST(ts AS DATE) AS day, ts,
        lag(ts, 99) OVER (PARTITION BY person, CAST(ts AS DATE) ORDER BY ts) AS earlier
    FROM once
    WHERE kind IN ('browse', 'search', 'cart')
)
WHERE ts <= earlier + INTERVAL 120 SECOND;

CREATE TABLE human AS
SELECT o.* FROM once o
LEFT JOIN bots b ON b.person = o.person AND b.day = CAST(o.ts AS DATE)
WHERE b.person IS NULL OR o.kind IN ('purchase', 'return', 'identify', 'alias');

DROP TABLE once;

-- A return undoes the latest purchases first: the units a person holds of an item are a stack, cut where a move begins
-- or ends.
CREATE TABLE undone AS
WITH moves AS (
    SELECT person, item, ts, 0 AS turn, sum(quantity) AS change, 0 AS file, 0 AS row
    FROM human
    WHERE kind = 'purchase' AND (person, item) IN (SELECT person, item FROM human WHERE kind = 'return')
    GROUP BY person, item, ts
    UNION ALL
    SELECT person, item, ts, 1, -quantity, file, row FROM human WHERE kind = 'return'
), summed AS (
    SELECT *, sum(change) OVER running AS total FROM moves
    WINDOW running AS (PARTITION BY person, item ORDER BY ts, turn, file, row)
), levelled AS (
    SELECT *, total - least(0, min(total) OVER running) AS level FROM summed
    WINDOW running AS (PARTITION BY person, item ORDER BY ts, turn, file, row)
), stacked AS (
    SELECT *, lag(level, 1, 0) OVER (PARTITION BY person, item ORDER BY ts, turn, file, row) AS before FROM levelled
), spans AS (
    SELECT *, round(least(level, before), 6) AS low, round(greatest(level, before), 6) AS high FROM stacked
), cuts AS (
    SELECT person, item, low AS cut FROM spans UNION SELECT person, item, high FROM spans
), slices AS (
    SELECT person, item, cut AS bottom, lead(cut) OVER (PARTITION BY person, item ORDER BY cut) AS top FROM cuts
), paired AS (
    SELECT m.turn, m.file, m.row, s.top - s.bottom AS quantity,
        lag(m.ts) OVER (PARTITION BY m.person, m.item, s.bottom ORDER BY m.ts, m.turn, m.file, m.row) AS bought
    FROM spans m
    JOIN slices s ON s.person = m.person AND s.item = m.item AND s.bottom >= m.low AND s.top <= m.high
)
SELECT file, row, bought, sum(quantity) AS quantity,
    row_number() OVER (PARTITION BY file, row ORDER BY bought DESC) AS place
FROM paired WHERE turn = 1 GROUP BY file, row, bought;

CREATE TABLE aliases AS
SELECT alias, arg_min(person, ts) AS person FROM human WHERE alias IS NOT NULL GROUP BY alias;

COPY (
    WITH orders AS (
        SELECT person, order_id, min(ts) AS t FROM human WHERE kind = 'purchase' AND order_id IS NOT NULL
        GROUP BY person, order_id
    ), moved AS (
        SELECT h.*, coalesce(a.person, h.person) AS who, coalesce(o.t, ts) AS t
        FROM human h
        LEFT JOIN aliases a ON a.alias = h.person
        LEFT JOIN orders o ON h.kind = 'purchase' AND o.person = h.person AND o.order_id = h.order_id
        WHERE kind NOT IN ('identify', 'alias')
    ), broken AS (
        SELECT *, CASE WHEN t <= lag(t) OVER (PARTITION BY who ORDER BY t) + INTERVAL 30 MINUTE THEN NULL ELSE t END
            AS begins
        FROM moved
        WHERE kind <> 'return' OR (file, row) IN (SELECT file, row FROM undone)
    ), whole AS (
        SELECT *, max(begins) OVER (PARTITION BY who ORDER BY t) AS begun FROM broken
    )
    SELECT
        CASE WHEN u.place > 1 THEN event_id || '#' || u.place ELSE event_id END AS event_id,
        person, kind, ts, coalesce(u.bought, ts) AS effective_ts, item, coalesce(u.quantity, w.quantity) AS quantity,
        unit_price, currency, order_id, who || '-' || date_diff('second', TIMESTAMP '1970-01-01', begun) AS session_id, words, rating,
        channel, language, message_id
    FROM whole w
    LEFT JOIN undone u ON w.kind = 'return' AND u.file = w.file AND u.row = w.row
) TO $answer (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880);
