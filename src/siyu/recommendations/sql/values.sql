-- The distinct values of the interests that models read, with a number to join by.
SELECT CAST(row_number() OVER (ORDER BY facet, value) - 1 AS INT) AS code, facet, value
FROM (
    SELECT DISTINCT facet, value FROM rec_interests
    WHERE rank <= $rank AND weight > 0 AND facet IS NOT NULL AND value IS NOT NULL
) named
