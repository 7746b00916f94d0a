-- What people bought and kept: a purchase that was returned in full is none.
SELECT DISTINCT person, item FROM (
    SELECT person, item FROM known_events
    WHERE kind IN ('purchase', 'return')
    GROUP BY person, item, coalesce(effective_ts, ts)
    HAVING sum(CASE WHEN kind = 'purchase' THEN coalesce(quantity, 1) ELSE -coalesce(quantity, 1) END) > 1e-9
) net
