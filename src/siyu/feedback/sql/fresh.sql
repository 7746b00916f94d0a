-- Hits of people as events: one a message, kind, product and minute, none that is known already.
WITH counted AS (
    SELECT k.event_id, c.person, c.purpose AS kind, c.ts, c.item, c.message_id, c.channel, c.rating, c.text,
           row_number() OVER (PARTITION BY k.event_id ORDER BY c.ts, c.hit) AS turn
    FROM classified c
    JOIN keys k ON k.hit = c.hit
    WHERE c.verdict = 'person'
)
SELECT n.event_id, n.person, n.kind, n.ts, n.item, n.message_id, n.channel, n.rating, n.text
FROM counted n
LEFT JOIN known_events e ON e.event_id = n.event_id
WHERE n.turn = 1 AND e.event_id IS NULL
ORDER BY n.ts, n.event_id
