-- One row a person as of $now: scores in fifths, ages in days, and what segments are made from.
-- Equal values get equal scores: the fifth in which the middle of their tie lies.
WITH ranked AS (
    SELECT
        no,
        rank() OVER (ORDER BY last_order) AS r_rank,
        count(*) OVER (PARTITION BY last_order) AS r_ties,
        rank() OVER (ORDER BY orders) AS f_rank,
        count(*) OVER (PARTITION BY orders) AS f_ties,
        rank() OVER (ORDER BY round(spend, 2)) AS m_rank,
        count(*) OVER (PARTITION BY round(spend, 2)) AS m_ties,
        count(*) OVER () AS people
    FROM profile_measures
    WHERE orders > 0
),
scored AS (
    SELECT
        no,
        CAST(least(5, 1 + floor(5 * (r_rank - 1 + CAST(r_ties AS DOUBLE) / 2) / people)) AS INT) AS r,
        CAST(least(5, 1 + floor(5 * (f_rank - 1 + CAST(f_ties AS DOUBLE) / 2) / people)) AS INT) AS f,
        CAST(least(5, 1 + floor(5 * (m_rank - 1 + CAST(m_ties AS DOUBLE) / 2) / people)) AS INT) AS m
    FROM ranked
)
SELECT
    p.no,
    p.first_ts,
    p.last_ts,
    p.events,
    p.orders,
    p.spend,
    CAST(date_diff('second', p.last_order, $now) AS DOUBLE) / 86400 AS recency_days,
    s.r,
    s.f,
    s.m,
    CAST(date_diff('second', p.first_order, $now) AS DOUBLE) / 86400 AS since_first_order,
    p.gap_days,
    array_length(p.gaps) AS gaps,
    p.usual_hour,
    p.channel,
    p.language,
    p.price_band,
    CAST(date_diff('second', p.first_ts, $now) AS DOUBLE) / 86400 AS tenure_days,
    CAST(date_diff('second', p.last_ts, $now) AS DOUBLE) / 86400 AS silent_days,
    CAST(p.browses AS DOUBLE) / p.events AS browse_share,
    CASE WHEN p.purchases > 0 THEN least(CAST(p.returns AS DOUBLE) / p.purchases, 1) ELSE CAST(0 AS DOUBLE) END AS return_share,
    CASE WHEN p.orders > 0 THEN p.quantity / p.orders ELSE CAST(0 AS DOUBLE) END AS basket,
    CASE WHEN p.quantity > 0 THEN p.spend / p.quantity ELSE CAST(0 AS DOUBLE) END AS unit_spend,
    p.focus
FROM profile_measures p
LEFT JOIN scored s ON s.no = p.no
