-- Everyone known from events up to now, with a small number to join by (ordered by id: the same on every run).
SELECT CAST(row_number() OVER (ORDER BY person) AS INT) AS code, person
FROM (SELECT DISTINCT person FROM events WHERE ts <= $now AND person IS NOT NULL AND person <> '') known
