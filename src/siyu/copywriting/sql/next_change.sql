-- The first moment after $now at which some fact comes into force, ends, or is no longer a price to compare with.
WITH edges AS (
    SELECT valid_from AS edge FROM facts WHERE valid_from > $now
    UNION ALL
    SELECT valid_until AS edge FROM facts WHERE valid_until > $now
    UNION ALL
    SELECT observed_at AS edge FROM facts WHERE observed_at > $now
    UNION ALL
    SELECT valid_from + INTERVAL 14 DAY AS edge FROM facts WHERE slot = 'price' AND valid_from + INTERVAL 14 DAY > $now
)
SELECT min(edge) AS edge FROM edges
