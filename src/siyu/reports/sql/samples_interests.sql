SELECT person, facet, value, weight, lift, rank, evidence
FROM interests
WHERE person IN $people AND (rank <= 3 OR (facet IN $facets AND value IN $values))
ORDER BY person, weight * lift DESC, facet, rank
