-- What the sample holds, in numbers that are the same on every engine.
SELECT
    kind,
    CAST(count(*) AS BIGINT) AS events,
    min(ts) AS first,
    max(ts) AS last,
    CAST(round(sum(least(quantity, 1e9))) AS BIGINT) AS quantity,
    CAST(round(sum(least(amount, 1e9))) AS BIGINT) AS amount
FROM needs_sample
GROUP BY kind
ORDER BY kind
