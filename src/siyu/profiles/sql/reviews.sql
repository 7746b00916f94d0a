-- Every review in words, with what it is about.
SELECT e.event_id, e.person, e.item, e.text, e.rating, p.category
FROM events e
LEFT JOIN products p ON p.item = e.item
WHERE e.kind = 'review' AND e.text IS NOT NULL AND e.item IS NOT NULL AND e.ts <= $now
