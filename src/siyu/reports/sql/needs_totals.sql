-- What is foreseen of everybody together.
SELECT
    CAST(count(*) AS BIGINT) AS people,
    CAST(count(churn) AS BIGINT) AS buyers,
    CAST(sum(buy_30) AS DOUBLE) AS buying,
    CAST(sum(churn) AS DOUBLE) AS losing,
    CAST(sum(value_12m) AS DOUBLE) AS value
FROM needs
