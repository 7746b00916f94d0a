-- How many people went from which segment of the last run to which of this one; only people whom both know.
SELECT b.segment AS was, s.segment, CAST(count(*) AS BIGINT) AS people
FROM profile_people_before b
JOIN profile_who w ON w.stored = b.person
JOIN profile_segment_of s ON s.no = w.no
WHERE b.segment IS NOT NULL
GROUP BY b.segment, s.segment
ORDER BY was, segment
