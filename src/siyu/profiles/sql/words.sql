-- Words with how often they occur: in titles, and among the words people used.
SELECT word, CAST(sum(n) AS BIGINT) AS n
FROM (
    SELECT value AS word, count(*) AS n FROM profile_spoken WHERE facet = 'keyword' GROUP BY value
    UNION ALL
    SELECT subject AS word, count(DISTINCT person) AS n FROM profile_state WHERE source = 'word' GROUP BY subject
) seen
GROUP BY word
