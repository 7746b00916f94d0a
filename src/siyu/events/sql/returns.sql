-- Undoes purchases last-in first-out, per person and item. Think of what a person has as a stack of units: a purchase
-- pushes the heights (low, high], a return pops them, and the stack never falls below the ground (what is returned
-- beyond it was never bought here). Cut at every height where a move begins or ends, each slice sees push, pop, push,
-- pop in turn, so the move before a pop is the purchase it undoes. Stored purchases enter with what is left of them.
WITH wanted AS (
    SELECT DISTINCT person, item FROM import_live WHERE kind = 'return'
), bought AS (
    SELECT e.person, e.item, e.effective_ts AS ts,
        sum(CASE WHEN e.kind = 'purchase' THEN e.quantity ELSE -e.quantity END) AS quantity
    FROM import_stored e
    JOIN wanted w ON w.person = e.person AND w.item = e.item
    WHERE e.kind IN ('purchase', 'return')
    GROUP BY e.person, e.item, e.effective_ts
    HAVING sum(CASE WHEN e.kind = 'purchase' THEN e.quantity ELSE -e.quantity END) > 0.000001
    UNION ALL
    SELECT l.person, l.item, l.ts, l.quantity
    FROM import_live l
    JOIN wanted w ON w.person = l.person AND w.item = l.item
    WHERE l.kind = 'purchase'
), moves AS (
    SELECT person, item, ts, 0 AS turn, sum(quantity) AS change, '' AS _file, 0 AS _row, 0 AS _part
    FROM bought
    GROUP BY person, item, ts
    UNION ALL
    SELECT person, item, ts, 1, -quantity, _file, _row, _part FROM import_live WHERE kind = 'return'
), summed AS (
    SELECT *, sum(change) OVER (PARTITION BY person, item ORDER BY ts, turn, _file, _row, _part
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS total
    FROM moves
), levelled AS (
    SELECT *, total - least(0, min(total) OVER (PARTITION BY person, item ORDER BY ts, turn, _file, _row, _part
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS level
    FROM summed
), stacked AS (
    SELECT *, lag(level, 1, 0) OVER (PARTITION BY person, item ORDER BY ts, turn, _file, _row, _part) AS level_before
    FROM levelled
), spans AS (
    SELECT *, round(least(level, level_before), 6) AS low, round(greatest(level, level_before), 6) AS high
    FROM stacked
), cuts AS (
    SELECT person, item, low AS cut FROM spans UNION SELECT person, item, high FROM spans
), slices AS (
    SELECT person, item, cut AS bottom, lead(cut) OVER (PARTITION BY person, item ORDER BY cut) AS top FROM cuts
), paired AS (
    SELECT m.turn, m._file, m._row, m._part, s.top - s.bottom AS quantity,
        lag(m.ts) OVER (PARTITION BY m.person, m.item, s.bottom ORDER BY m.ts, m.turn, m._file, m._row, m._part)
            AS effective_ts
    FROM spans m
    JOIN slices s ON s.person = m.person AND s.item = m.item AND s.bottom >= m.low AND s.top <= m.high
), parts AS (
    SELECT _file, _row, _part, effective_ts, sum(quantity) AS quantity
    FROM paired
    WHERE turn = 1
    GROUP BY _file, _row, _part, effective_ts
)
SELECT *, CAST(row_number() OVER (PARTITION BY _file, _row, _part ORDER BY effective_ts DESC) AS INT) AS place
FROM parts
