-- What each person who was written to got: of the messages whose variant the outcomes name, the first step.
WITH matched AS (
    SELECT m.person, m.brief_id, m.language, m.reason, m.angle_facet, m.variant, m.propensity, o.opened, o.clicked,
           row_number() OVER (PARTITION BY m.person ORDER BY m.step, m.message_id) AS turn
    FROM messages m JOIN report_outcomes o ON o.person = m.person AND o.variant = m.variant
    WHERE m.campaign = $campaign
)
SELECT person, brief_id, language, reason, angle_facet, variant, propensity, opened, clicked
FROM matched
WHERE turn = 1
ORDER BY person
