-- How often people praise and blame each aspect, over all products.
SELECT aspect, CAST(sum(praised) AS BIGINT) AS praised, CAST(sum(blamed) AS BIGINT) AS blamed
FROM product_aspects
GROUP BY aspect
ORDER BY sum(praised) + sum(blamed) DESC, aspect
