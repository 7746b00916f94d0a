-- People with new events who ever returned something: they are weighed again from all their events.
SELECT DISTINCT a.person
FROM profile_all a
SEMI JOIN profile_delta d ON d.person = a.person
WHERE a.kind = 'return' AND a.ts <= $now
