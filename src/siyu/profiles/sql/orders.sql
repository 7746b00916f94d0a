-- Orders of which something was kept.
SELECT
    person,
    order_key,
    min(ts) AS ts,
    CAST(sum(quantity) AS DOUBLE) AS quantity,
    CAST(sum(spend) AS DOUBLE) AS spend
FROM profile_order_lines
GROUP BY person, order_key
HAVING sum(quantity) > CAST(0.000000001 AS DOUBLE)
