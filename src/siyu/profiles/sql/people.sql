-- One row a person: activity, orders net of returns, scores in fifths, rhythm, habits, price band; and the counts
-- segments are made from. Equal values get equal scores: the fifth in which the middle of their tie lies.
WITH seen AS (
    SELECT
        person,
        min(ts) AS first_ts,
        max(ts) AS last_ts,
        CAST(count(*) AS BIGINT) AS events,
        CAST(sum(CASE WHEN kind = 'browse' THEN 1 ELSE 0 END) AS BIGINT) AS browses,
        CAST(sum(CASE WHEN kind = 'purchase' THEN 1 ELSE 0 END) AS BIGINT) AS purchases,
        CAST(sum(CASE WHEN kind = 'return' THEN 1 ELSE 0 END) AS BIGINT) AS returns
    FROM profile_events
    WHERE kind <> 'sent' AND person IS NOT NULL
    GROUP BY person
),
buyers AS (
    SELECT
        person,
        CAST(count(*) AS BIGINT) AS orders,
        CAST(sum(spend) AS DOUBLE) AS spend,
        CAST(sum(quantity) AS DOUBLE) AS quantity,
        min(ts) AS first_order,
        max(ts) AS last_order
    FROM profile_orders
    GROUP BY person
),
ranked AS (
    SELECT
        person, orders, spend, quantity, first_order, last_order,
        rank() OVER (ORDER BY last_order) AS r_rank,
        count(*) OVER (PARTITION BY last_order) AS r_ties,
        rank() OVER (ORDER BY orders) AS f_rank,
        count(*) OVER (PARTITION BY orders) AS f_ties,
        rank() OVER (ORDER BY round(spend, 2)) AS m_rank,
        count(*) OVER (PARTITION BY round(spend, 2)) AS m_ties,
        count(*) OVER () AS people
    FROM buyers
),
scored AS (
    SELECT
        person, orders, spend, quantity, first_order, last_order,
        CAST(least(5, 1 + floor(5 * (r_rank - 1 + CAST(r_ties AS DOUBLE) / 2) / people)) AS INT) AS r,
        CAST(least(5, 1 + floor(5 * (f_rank - 1 + CAST(f_ties AS DOUBLE) / 2) / people)) AS INT) AS f,
        CAST(least(5, 1 + floor(5 * (m_rank - 1 + CAST(m_ties AS DOUBLE) / 2) / people)) AS INT) AS m
    FROM ranked
),
bands AS (
    SELECT person, value AS price_band FROM interests WHERE facet = 'price_band' AND rank = 1
),
focus AS (
    SELECT person, CAST(sum(weight * weight) AS DOUBLE) AS focus FROM interests WHERE facet = $focus_facet GROUP BY person
)
SELECT
    s.person,
    s.first_ts,
    s.last_ts,
    s.events,
    coalesce(b.orders, 0) AS orders,
    coalesce(b.spend, CAST(0 AS DOUBLE)) AS spend,
    CAST(date_diff('second', b.last_order, $now) AS DOUBLE) / 86400 AS recency_days,
    b.r,
    b.f,
    b.m,
    CAST(date_diff('second', b.first_order, $now) AS DOUBLE) / 86400 AS since_first_order,
    y.gap_days,
    y.gaps,
    h.usual_hour,
    h.channel,
    h.language,
    p.price_band,
    CAST(date_diff('second', s.first_ts, $now) AS DOUBLE) / 86400 AS tenure_days,
    CAST(date_diff('second', s.last_ts, $now) AS DOUBLE) / 86400 AS silent_days,
    CAST(s.browses AS DOUBLE) / s.events AS browse_share,
    CASE WHEN s.purchases > 0 THEN least(CAST(s.returns AS DOUBLE) / s.purchases, 1) ELSE CAST(0 AS DOUBLE) END AS return_share,
    coalesce(b.quantity / b.orders, CAST(0 AS DOUBLE)) AS basket,
    coalesce(b.spend / b.quantity, CAST(0 AS DOUBLE)) AS unit_spend,
    coalesce(f.focus, CAST(0 AS DOUBLE)) AS focus
FROM seen s
LEFT JOIN scored b ON b.person = s.person
LEFT JOIN profile_rhythm y ON y.person = s.person
LEFT JOIN profile_habits h ON h.person = s.person
LEFT JOIN bands p ON p.person = s.person
LEFT JOIN focus f ON f.person = s.person
