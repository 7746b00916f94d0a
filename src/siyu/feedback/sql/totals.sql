-- Sums of the outcomes by campaign and arm.
SELECT campaign, arm,
    CAST(count(*) AS BIGINT) AS people,
    CAST(sum(CASE WHEN sent THEN 1 ELSE 0 END) AS BIGINT) AS sent,
    CAST(sum(CASE WHEN opened THEN 1 ELSE 0 END) AS BIGINT) AS opened,
    CAST(sum(CASE WHEN clicked THEN 1 ELSE 0 END) AS BIGINT) AS clicked,
    CAST(sum(CASE WHEN mature THEN 1 ELSE 0 END) AS BIGINT) AS mature,
    CAST(sum(orders) AS DOUBLE) AS orders,
    CAST(sum(revenue) AS DOUBLE) AS revenue,
    CAST(sum(attributed_orders) AS DOUBLE) AS attributed_orders,
    CAST(sum(attributed_revenue) AS DOUBLE) AS attributed_revenue,
    CAST(sum(any_sent_orders) AS DOUBLE) AS any_sent_orders,
    CAST(sum(any_sent_revenue) AS DOUBLE) AS any_sent_revenue
FROM outcomes
GROUP BY campaign, arm
ORDER BY campaign, arm
