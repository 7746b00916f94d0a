SELECT lifecycle, CAST(count(*) AS BIGINT) AS people, CAST(sum(spend) AS DOUBLE) AS spend
FROM people
GROUP BY lifecycle
ORDER BY people DESC, lifecycle
