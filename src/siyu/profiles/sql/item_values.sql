-- The values of every item and which part of an event's weight each gets.
WITH shown AS (
    SELECT DISTINCT s.item, s.facet, coalesce(w.shown, s.value) AS value
    FROM profile_spoken s
    LEFT JOIN profile_words w ON s.facet = 'keyword' AND w.word = s.value
)
SELECT
    s.item,
    n.value_id,
    CAST(1 AS DOUBLE) / count(*) OVER (PARTITION BY s.item, s.facet) AS part
FROM shown s
JOIN profile_value_names n ON n.facet = s.facet AND n.value = s.value
