-- Dataset segment_movers: the people behind segment_moves.
SELECT b.person, b.segment AS was, s.segment
FROM profile_people_before b
JOIN profile_who w ON w.stored = b.person
JOIN profile_segment_of s ON s.no = w.no
JOIN profile_segment_pairs m ON m.was = b.segment AND m.segment = s.segment
ORDER BY b.person
