-- The values that are kept. Shares that differ by less than 0.01 % are a tie: what a person turned to first comes first.
SELECT no, value_id, facet, gross, weight, rank
FROM (
    SELECT
        no, value_id, facet, gross, weight,
        CAST(row_number() OVER (PARTITION BY no, facet ORDER BY round(weight, 4) DESC, first_ts, value_id) AS INT) AS rank
    FROM profile_shares
) ranked
WHERE rank <= $top
