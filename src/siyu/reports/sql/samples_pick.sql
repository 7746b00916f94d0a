-- Messages for the sample: three sent ones to one unsent; among the unsent one of each reason in turn; among those alike
-- the languages in turn, and in each language one of every kind (status, reason of the product, variant) in turn.
WITH joined AS (
    SELECT m.message_id, m.status, m.language, m.reason, m.variant, coalesce(l.state, 'unplanned') AS state,
           coalesce(l.reason, '') AS skip_reason, l.sent_at,
           CASE WHEN l.state IN ('accepted', 'handed') THEN 0 ELSE 1 END AS unsent
    FROM messages m LEFT JOIN report_ledger l ON l.message_id = m.message_id
    WHERE m.campaign = $campaign
), kinds AS (
    SELECT message_id, state, skip_reason, sent_at, unsent, language,
           row_number() OVER (
               PARTITION BY state, skip_reason, language, status, reason, variant ORDER BY message_id
           ) AS turn
    FROM joined
), languages AS (
    SELECT message_id, state, skip_reason, sent_at, unsent, language,
           row_number() OVER (PARTITION BY state, skip_reason, language ORDER BY turn, message_id) AS turn
    FROM kinds
), reasons AS (
    SELECT message_id, state, skip_reason, sent_at, unsent,
           row_number() OVER (PARTITION BY state, skip_reason ORDER BY turn, language, message_id) AS turn
    FROM languages
), seated AS (
    SELECT message_id, state, skip_reason, sent_at, unsent,
           row_number() OVER (PARTITION BY unsent ORDER BY turn, state, skip_reason, message_id) AS seat
    FROM reasons
)
SELECT message_id, state, skip_reason, sent_at
FROM seated
WHERE seat <= CASE WHEN unsent = 0 THEN $sent ELSE $unsent END
ORDER BY CASE WHEN unsent = 0 THEN 2 * seat ELSE 6 * seat + 1 END
