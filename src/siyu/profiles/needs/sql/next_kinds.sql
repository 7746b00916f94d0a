-- The categories of each person's next purchase: all that they bought on its day.
SELECT l.person, k.code
FROM needs_later l
JOIN (
    SELECT person, min(CAST(ts AS DATE)) AS day FROM needs_later WHERE kind = 'purchase' GROUP BY person
) f ON f.person = l.person AND f.day = CAST(l.ts AS DATE)
JOIN needs_kinds k ON k.item = l.item
WHERE l.kind = 'purchase'
GROUP BY l.person, k.code
