SELECT person, facet, value, weight, lift, rank, evidence
FROM (
    SELECT person, facet, value, weight, lift, rank, evidence, round(weight * lift, 9) AS score
    FROM interests
    WHERE person IN $people AND (rank <= 3 OR (facet IN $facets AND value IN $values))
) AS scored
ORDER BY person, score DESC, facet, rank
