-- Rows of this import that share an id with another one.
SELECT s._file, s._row, s._part, s.first_id, s.given,
    concat_ws(chr(31), CAST(s.number AS VARCHAR), s.kind, CAST(s.ts AS VARCHAR), coalesce(s.item, ''), CAST(s.quantity AS VARCHAR),
        coalesce(CAST(s.unit_price AS VARCHAR), ''), coalesce(s.order_id, ''), coalesce(s.words, ''),
        coalesce(CAST(s.rating AS VARCHAR), '')) AS content
FROM import_stage s
JOIN (SELECT first_id FROM import_stage GROUP BY first_id HAVING count(*) > 1) d ON d.first_id = s.first_id
