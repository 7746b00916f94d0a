-- Events up to the cut.
SELECT e.* FROM events e WHERE e.ts <= $cut
