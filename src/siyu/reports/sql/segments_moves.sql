SELECT m.was, m.was_keys, m.segment, s.name_keys, m.people, m.anew
FROM segment_moves m
JOIN segments s ON s.segment = m.segment
ORDER BY m.people DESC, m.was, m.segment
