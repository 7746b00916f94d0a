SELECT source, reason, CAST(count(*) AS BIGINT) AS rows_aside
FROM quarantine
GROUP BY source, reason
ORDER BY source, rows_aside DESC, reason
