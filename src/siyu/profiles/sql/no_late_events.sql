-- Events of new files. No event of an old file lay in the future of $before when the state was last made.
SELECT * FROM profile_new WHERE ts <= $now
