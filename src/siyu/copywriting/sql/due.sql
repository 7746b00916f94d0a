-- Of the audience, those to write to now: nobody whose message has left; the others if something changed, or they have none.
SELECT d.no, d.person, d.language, d.lifecycle
FROM addressed d
WHERE NOT EXISTS (SELECT 1 FROM kept k WHERE k.person = d.person)
  AND ($everyone
       OR EXISTS (SELECT 1 FROM touched t WHERE t.person = d.person)
       OR NOT EXISTS (SELECT 1 FROM mine m WHERE m.person = d.person))
