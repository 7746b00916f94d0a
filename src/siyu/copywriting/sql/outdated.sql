-- Messages that give way: of those who are written to again, and of those who are no longer of the audience.
-- What was sent stays as it was sent.
SELECT m.message_id
FROM mine m
WHERE NOT EXISTS (SELECT 1 FROM kept k WHERE k.person = m.person)
  AND (EXISTS (SELECT 1 FROM audience a WHERE a.person = m.person)
       OR NOT EXISTS (SELECT 1 FROM addressed d WHERE d.person = m.person))
