-- What a model's score is multiplied by: its weight over its best score for that person.
SELECT j.lane, j.model, j.person, w.weight / max(j.score) AS factor
FROM rec_judged j JOIN rec_weights w ON w.model = j.model
WHERE j.veto IS NULL
GROUP BY j.lane, j.model, j.person, w.weight
