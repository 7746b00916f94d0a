-- How often people praise and blame each aspect, over all products.
WITH counted AS (
    SELECT
        aspect,
        CAST(sum(praised) AS BIGINT) AS praised,
        CAST(sum(blamed) AS BIGINT) AS blamed,
        CAST(sum(praised + blamed) AS BIGINT) AS spoken
    FROM product_aspects
    GROUP BY aspect
)
SELECT aspect, praised, blamed
FROM counted
ORDER BY spoken DESC, aspect
