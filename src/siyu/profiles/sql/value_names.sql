-- A number for every (facet, value).
SELECT CAST(row_number() OVER (ORDER BY facet, value) AS INT) AS value_id, facet, value
FROM (
    SELECT facet, value FROM profile_spoken WHERE facet <> 'keyword'
    UNION
    SELECT 'keyword' AS facet, shown AS value FROM profile_words
) named
