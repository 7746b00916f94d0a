SELECT DISTINCT p.code AS person, i.code AS item
FROM exclusions e JOIN rec_people p ON p.person = e.person JOIN rec_items i ON i.item = e.item
