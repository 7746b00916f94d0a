-- Undoes purchases last-in first-out, per person and item. Think of what a person has as a stack of units: a purchase
-- pushes the heights (low, high], a return pops them, and the stack never falls below the ground (what is returned
-- beyond it was never bought here). Cut at every height where a move begins or ends, each slice sees push, pop, push,
-- pop in turn, so the move before a pop is the purchase it undoes. Stored purchases enter with what is left of them.
-- Returns that wait for their purchase have negative keys; they enter where this import brings one.
WITH fresh AS (
    SELECT _key, number, item, kind, ts, quantity FROM import_live WHERE kind IN ('purchase', 'return')
), returned AS (
    SELECT _key, number, item, ts, quantity FROM fresh WHERE kind = 'return'
    UNION ALL
    SELECT w._key, p.number, w.item, w.ts, w.quantity
    FROM import_waiting w
    JOIN import_people p ON p.person = w.person
    JOIN (SELECT DISTINCT number, item FROM fresh WHERE kind = 'purchase') f ON f.number = p.number AND f.item = w.item
), wanted AS (
    SELECT DISTINCT number, item FROM returned
), bought AS (
    SELECT w.number, w.item, e.effective_ts AS ts,
        sum(CASE WHEN e.kind = 'purchase' THEN e.quantity ELSE -e.quantity END) AS quantity
    FROM import_stored e
    JOIN import_people p ON p.person = e.person
    JOIN wanted w ON w.number = p.number AND w.item = e.item
    WHERE e.kind IN ('purchase', 'return')
    GROUP BY w.number, w.item, e.effective_ts
    HAVING sum(CASE WHEN e.kind = 'purchase' THEN e.quantity ELSE -e.quantity END) > 0.000001
    UNION ALL
    SELECT f.number, f.item, f.ts, f.quantity
    FROM fresh f
    JOIN wanted w ON w.number = f.number AND w.item = f.item
    WHERE f.kind = 'purchase'
), moves AS (
    SELECT number, item, ts, 0 AS turn, sum(quantity) AS change, 0 AS _key
    FROM bought
    GROUP BY number, item, ts
    UNION ALL
    SELECT number, item, ts, 1, -quantity, _key FROM returned
), summed AS (
    SELECT *, sum(change) OVER (PARTITION BY number, item ORDER BY ts, turn, _key
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS total
    FROM moves
), levelled AS (
    SELECT *, total - least(0, min(total) OVER (PARTITION BY number, item ORDER BY ts, turn, _key
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS level
    FROM summed
), stacked AS (
    SELECT *, lag(level, 1, 0) OVER (PARTITION BY number, item ORDER BY ts, turn, _key) AS level_before
    FROM levelled
), spans AS (
    SELECT *, round(least(level, level_before), 6) AS low, round(greatest(level, level_before), 6) AS high
    FROM stacked
), cuts AS (
    SELECT number, item, low AS cut FROM spans UNION SELECT number, item, high FROM spans
), slices AS (
    SELECT number, item, cut AS bottom, lead(cut) OVER (PARTITION BY number, item ORDER BY cut) AS top FROM cuts
), paired AS (
    SELECT m.turn, m._key, s.top - s.bottom AS quantity,
        lag(m.ts) OVER (PARTITION BY m.number, m.item, s.bottom ORDER BY m.ts, m.turn, m._key)
            AS effective_ts
    FROM spans m
    JOIN slices s ON s.number = m.number AND s.item = m.item AND s.bottom >= m.low AND s.top <= m.high
), parts AS (
    SELECT _key, effective_ts, sum(quantity) AS quantity
    FROM paired
    WHERE turn = 1
    GROUP BY _key, effective_ts
)
SELECT *, CAST(row_number() OVER (PARTITION BY _key ORDER BY effective_ts DESC) AS INT) AS place
FROM parts
