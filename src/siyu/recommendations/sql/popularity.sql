SELECT p.code AS person, x.item, CAST(x.people AS DOUBLE) AS part, 'popular' AS kind, CAST(NULL AS INT) AS past,
       CAST(NULL AS VARCHAR) AS facet, CAST(NULL AS VARCHAR) AS value, x.people AS count, x.days AS number
FROM rec_people p CROSS JOIN rec_popular x
WHERE p.code BETWEEN $first AND $last
