-- What the people of the sample did up to the cut.
SELECT e.* FROM events e WHERE e.ts <= $cut AND EXISTS (SELECT 1 FROM rec_sample s WHERE s.person = e.person)
