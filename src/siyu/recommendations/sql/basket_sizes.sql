SELECT CAST(count(*) AS BIGINT) AS baskets, CAST(coalesce(sum(CASE WHEN size >= 2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS mixed
FROM (SELECT unit, count(DISTINCT item) AS size FROM rec_interactions WHERE kind = 'purchase' GROUP BY unit) baskets
