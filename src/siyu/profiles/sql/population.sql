-- The mean share of every value over the people who have the facet at all.
WITH facets AS (
    SELECT facet, CAST(count(DISTINCT no) AS DOUBLE) AS people FROM profile_shares GROUP BY facet
)
SELECT s.value_id, CAST(sum(s.weight) AS DOUBLE) / max(f.people) AS mean_weight
FROM profile_shares s
JOIN facets f ON f.facet = s.facet
GROUP BY s.value_id
