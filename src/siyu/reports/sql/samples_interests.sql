SELECT person, facet, value, weight, lift, rank, evidence
FROM interests
WHERE person IN $people AND rank <= 2
ORDER BY person, lift DESC, facet, rank
