-- Recommendations by lane and kind of their strongest reason.
SELECT lane, kind, CAST(count(*) AS BIGINT) AS recommended
FROM (
    SELECT lane, CASE WHEN array_length(reasons) >= 1 THEN reasons[1].kind END AS kind
    FROM recommendations
    WHERE array_length(reasons) >= 1
) AS told
GROUP BY lane, kind
ORDER BY recommended DESC, lane, kind
