-- How many people praise and blame each aspect of each product; a person who says both counts for both.
SELECT
    item,
    aspect,
    CAST(count(DISTINCT CASE WHEN polarity > 0 THEN person END) AS BIGINT) AS praised,
    CAST(count(DISTINCT CASE WHEN polarity < 0 THEN person END) AS BIGINT) AS blamed
FROM review_mentions
GROUP BY item, aspect
HAVING count(DISTINCT person) >= $least
ORDER BY item, aspect
