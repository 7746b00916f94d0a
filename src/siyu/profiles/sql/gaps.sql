-- Days between consecutive days with an order.
WITH days AS (
    SELECT DISTINCT person, CAST(ts AS DATE) AS day FROM profile_orders
),
paced AS (
    SELECT person, day, lag(day) OVER (PARTITION BY person ORDER BY day) AS before FROM days
)
SELECT person, CAST(date_diff('day', before, day) AS DOUBLE) AS gap
FROM paced
WHERE before IS NOT NULL
