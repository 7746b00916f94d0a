-- Each model's candidates with the first filter that bars them (null: none does).
SELECT s.lane, s.model, s.person, s.item, s.score, CASE $filters END AS veto
FROM rec_scores s
JOIN rec_items i ON i.code = s.item
LEFT JOIN rec_bands q ON q.person = s.person
LEFT JOIN rec_past f ON f.person = s.person AND f.item = s.item
LEFT JOIN rec_exclusions x ON x.person = s.person AND x.item = s.item
WHERE s.score > 0
