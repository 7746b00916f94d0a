-- Dataset people: the measured rows with lifecycle stage and segment. $late and $lapsed are the shop's own thresholds
-- in days; a person with a rhythm is held to that instead.
WITH judged AS (
    SELECT
        *,
        CASE WHEN gaps >= $own_gaps THEN $late_gaps * greatest(gap_days, $shortest_gap) ELSE $late END AS late_after,
        CASE WHEN gaps >= $own_gaps THEN $lapsed_gaps * greatest(gap_days, $shortest_gap) ELSE $lapsed END AS lapsed_after
    FROM profile_measured
)
SELECT
    w.stored AS person,
    j.first_ts,
    j.last_ts,
    CAST(j.events AS BIGINT) AS events,
    CAST(j.orders AS BIGINT) AS orders,
    CAST(j.spend AS DOUBLE) AS spend,
    CAST(j.recency_days AS DOUBLE) AS recency_days,
    CAST(j.r AS INT) AS r,
    CAST(j.f AS INT) AS f,
    CAST(j.m AS INT) AS m,
    CASE
        WHEN j.orders = 0 THEN 'prospect'
        WHEN j.orders <= $new_orders AND j.since_first_order <= $new_days THEN 'new'
        WHEN j.recency_days > j.lapsed_after THEN 'lapsed'
        WHEN j.recency_days > j.late_after THEN 'at-risk'
        WHEN j.orders >= $loyal THEN 'loyal'
        ELSE 'active'
    END AS lifecycle,
    CAST(j.gap_days AS DOUBLE) AS gap_days,
    CAST(j.usual_hour AS INT) AS usual_hour,
    j.channel,
    coalesce(d.language, j.language) AS language,
    j.price_band,
    s.segment
FROM judged j
JOIN profile_who w ON w.no = j.no
LEFT JOIN profile_segment_of s ON s.no = j.no
LEFT JOIN profile_declared d ON d.person = w.stored
