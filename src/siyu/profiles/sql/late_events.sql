-- Events of new files, and those of old files that lay in the future when the state was last made.
SELECT * FROM profile_new WHERE ts <= $now
UNION ALL
SELECT a.*
FROM profile_all a
ANTI JOIN profile_new n ON n.event_id = a.event_id
WHERE a.ts > $before AND a.ts <= $now
