-- People for whom something changed since their message was written: recommendations, interests, a product of theirs.
SELECT person FROM new_recommendations
UNION
SELECT person FROM new_interests
UNION
SELECT u.person
FROM (SELECT m.person, unnest(m.items) AS item FROM mine m) u
WHERE EXISTS (SELECT 1 FROM changed_items c WHERE c.item = u.item)
