-- The campaign's audience, numbered: an empty rule asks nothing. The most recently active first.
WITH chosen AS (
    SELECT p.person, p.language, p.lifecycle, p.last_ts,
           row_number() OVER (ORDER BY p.last_ts DESC NULLS LAST, p.person) AS place
    FROM people p
    WHERE ($any_lifecycle OR p.lifecycle IN $lifecycle)
      AND ($any_segment OR p.segment IN $segments)
      AND ($any_person OR p.person IN $people)
      AND ($any_interest OR EXISTS (
            SELECT 1 FROM interests i
            WHERE i.person = p.person AND i.weight >= CAST(0.05 AS DOUBLE) AND i.facet || ':' || i.value IN $interests))
)
SELECT CAST(place AS INT) AS no, person, coalesce(language, '') AS language, coalesce(lifecycle, '') AS lifecycle
FROM chosen
WHERE place <= $limit
