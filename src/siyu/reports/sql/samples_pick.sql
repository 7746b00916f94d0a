-- Messages for the sample: in turn one of each kind (status, state, reason of the skip, language, reason of the product),
-- sent ones first, so that ten messages show as many different cases as there are.
WITH joined AS (
    SELECT m.message_id, m.status, m.language, m.reason, m.variant, coalesce(l.state, 'unplanned') AS state,
           coalesce(l.reason, '') AS skip_reason, l.sent_at
    FROM messages m LEFT JOIN report_ledger l ON l.message_id = m.message_id
    WHERE m.campaign = $campaign
), dealt AS (
    SELECT message_id, status, state, skip_reason, sent_at,
           row_number() OVER (
               PARTITION BY status, state, skip_reason, language, reason, variant ORDER BY message_id
           ) AS turn,
           CASE WHEN state IN ('accepted', 'handed') THEN 0 ELSE 1 END AS unsent
    FROM joined
), seated AS (
    SELECT message_id, state, skip_reason, sent_at, unsent, status,
           row_number() OVER (PARTITION BY unsent ORDER BY turn, message_id) AS seat
    FROM dealt
)
SELECT message_id, state, skip_reason, sent_at
FROM seated
WHERE seat <= CASE WHEN unsent = 0 THEN $sent ELSE $unsent END
ORDER BY unsent, seat
