-- A few messages of every kind there is: what became of it, in which language, for which reason, about which facet.
WITH joined AS (
    SELECT m.message_id, m.person, m.status, m.language, m.reason, m.angle_facet,
           CASE WHEN m.reason = 'repeat' THEN 'buy_again' ELSE 'discover' END AS lane,
           coalesce(l.state, 'unplanned') AS state, coalesce(l.reason, '') AS skip_reason, l.sent_at,
           CASE WHEN l.state NOT IN ('accepted', 'handed') THEN 'none' WHEN r.ordered THEN 'ordered'
                WHEN r.clicked THEN 'clicked' WHEN r.opened THEN 'opened' ELSE 'none' END AS reaction
    FROM messages m
    LEFT JOIN report_ledger l ON l.message_id = m.message_id
    LEFT JOIN report_reactions r ON r.person = m.person
    WHERE m.campaign = $campaign
), numbered AS (
    SELECT message_id, person, status, language, reason, angle_facet, lane, state, skip_reason, sent_at, reaction,
           row_number() OVER (
               PARTITION BY state, skip_reason, status, language, reason, angle_facet, reaction ORDER BY message_id
           ) AS turn
    FROM joined
)
SELECT message_id, person, status, language, reason, angle_facet, lane, state, skip_reason, sent_at, reaction
FROM numbered
WHERE turn <= $each
ORDER BY turn, message_id
