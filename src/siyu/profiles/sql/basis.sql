-- The events to weigh: all of the restated people's, the new ones of everybody else.
SELECT a.*
FROM profile_all a
SEMI JOIN profile_restated r ON r.person = a.person
WHERE a.ts <= $now
UNION ALL
SELECT d.*
FROM profile_delta d
ANTI JOIN profile_restated r ON r.person = d.person
