-- One row a person: what is known of them at $now from what needs_seen shows. It shows nothing later.
-- A purchase is a day on which something was bought and kept, as far as returns were known by then.
WITH days AS (
    SELECT
        person,
        CAST(effective_ts AS DATE) AS day,
        min(effective_ts) AS ts,
        CAST(sum(CASE WHEN kind = 'purchase' THEN quantity ELSE -quantity END) AS DOUBLE) AS quantity,
        CAST(sum(CASE WHEN kind = 'purchase' THEN amount ELSE -amount END) AS DOUBLE) AS amount,
        CAST(sum(CASE WHEN kind = 'return' THEN quantity ELSE CAST(0 AS DOUBLE) END) AS DOUBLE) AS returned
    FROM needs_seen
    WHERE kind IN ('purchase', 'return')
    GROUP BY person, CAST(effective_ts AS DATE)
),
kept AS (
    SELECT
        person, day, ts, quantity, greatest(amount, CAST(0 AS DOUBLE)) AS amount, returned,
        date_diff('day', lag(day) OVER (PARTITION BY person ORDER BY day), day) AS gap
    FROM days
    WHERE quantity > 1e-9
),
bought AS (
    SELECT
        person,
        CAST(count(*) AS DOUBLE) AS buys,
        CAST(sum(CASE WHEN ts >= $month THEN 1 ELSE 0 END) AS DOUBLE) AS buys_30,
        CAST(sum(CASE WHEN ts >= $quarter THEN 1 ELSE 0 END) AS DOUBLE) AS buys_90,
        CAST(date_diff('second', max(ts), $now) AS DOUBLE) / 86400 AS recency,
        CAST(date_diff('second', min(ts), $now) AS DOUBLE) / 86400 AS tenure,
        CAST(sum(amount) AS DOUBLE) AS spend,
        CAST(sum(CASE WHEN ts >= $quarter THEN amount ELSE CAST(0 AS DOUBLE) END) AS DOUBLE) AS spend_90,
        CAST(sum(quantity) AS DOUBLE) AS quantity,
        CAST(sum(returned) AS DOUBLE) AS returned,
        CAST(count(gap) AS DOUBLE) AS gaps,
        CAST(sum(gap) AS DOUBLE) AS gap_sum,
        CAST(sum(CAST(gap AS DOUBLE) * gap) AS DOUBLE) AS gap_squares
    FROM kept
    GROUP BY person
),
acted AS (
    SELECT
        person,
        CAST(date_diff('second', min(ts), $now) AS DOUBLE) / 86400 AS seen,
        CAST(date_diff('second', max(ts), $now) AS DOUBLE) / 86400 AS silent,
        CAST(sum(CASE WHEN kind = 'browse' AND ts >= $week THEN 1 ELSE 0 END) AS DOUBLE) AS browse_7,
        CAST(sum(CASE WHEN kind = 'browse' AND ts >= $month THEN 1 ELSE 0 END) AS DOUBLE) AS browse_30,
        CAST(sum(CASE WHEN kind = 'cart' AND ts >= $month THEN 1 ELSE 0 END) AS DOUBLE) AS cart_30,
        CAST(sum(CASE WHEN kind = 'search' AND ts >= $month THEN 1 ELSE 0 END) AS DOUBLE) AS search_30,
        CAST(sum(CASE WHEN kind IN ('open', 'click') AND ts >= $month THEN 1 ELSE 0 END) AS DOUBLE) AS message_30
    FROM needs_seen
    GROUP BY person
)
SELECT
    a.person, a.seen, a.silent, a.browse_7, a.browse_30, a.cart_30, a.search_30, a.message_30,
    coalesce(b.buys, CAST(0 AS DOUBLE)) AS buys,
    coalesce(b.buys_30, CAST(0 AS DOUBLE)) AS buys_30,
    coalesce(b.buys_90, CAST(0 AS DOUBLE)) AS buys_90,
    b.recency,
    b.tenure,
    coalesce(b.spend, CAST(0 AS DOUBLE)) AS spend,
    coalesce(b.spend_90, CAST(0 AS DOUBLE)) AS spend_90,
    coalesce(b.quantity, CAST(0 AS DOUBLE)) AS quantity,
    coalesce(b.returned, CAST(0 AS DOUBLE)) AS returned,
    coalesce(b.gaps, CAST(0 AS DOUBLE)) AS gaps,
    b.gap_sum,
    b.gap_squares
FROM acted a
LEFT JOIN bought b ON b.person = a.person
