-- One verdict a hit: the first that applies. Input: hits (verified tokens, one row each), sends (from the ledger).
WITH joined AS (
    SELECT h.hit, h.purpose, h.message_id, h.item, h.ts, h.agent, h.is_post, h.is_robot, h.is_proxy, h.rating, h.text,
           s.person, s.channel, s.handed_at, s.human_from
    FROM hits h
    LEFT JOIN sends s ON s.message_id = h.message_id
),
traps AS (
    SELECT message_id, agent, trap_from, trap_until FROM hits WHERE purpose = 'click' AND item = ''
),
near_trap AS (
    SELECT DISTINCT j.hit
    FROM joined j
    JOIN traps t ON t.message_id = j.message_id AND t.agent = j.agent
    WHERE j.ts >= t.trap_from AND j.ts <= t.trap_until
)
SELECT j.hit, j.purpose, j.message_id, j.item, j.ts, j.rating, j.text, j.person, j.channel,
    CASE
        WHEN j.person IS NULL OR j.handed_at IS NULL THEN 'unknown-message'
        WHEN j.ts > $now THEN 'future'
        WHEN j.ts < j.handed_at THEN 'before-send'
        WHEN j.purpose = 'unsubscribe' AND NOT j.is_post THEN 'not-confirmed'
        WHEN j.purpose IN ('unsubscribe', 'complaint', 'feedback') THEN 'person'
        WHEN n.hit IS NOT NULL THEN 'honeypot'
        WHEN j.is_robot THEN 'robot'
        WHEN j.is_proxy AND j.purpose = 'open' THEN 'proxy'
        WHEN j.ts < j.human_from THEN 'too-fast'
        ELSE 'person'
    END AS verdict
FROM joined j
LEFT JOIN near_trap n ON n.hit = j.hit
