-- Ids for rows that have none: the hash of what will be stored anyway. One over raw ids could be reversed by trying
-- every customer number.
SELECT s._key, substr(md5(concat_ws(chr(31), p.person, c.kind,
        CAST(c.ts AS VARCHAR), coalesce(c.item, ''), CAST(CAST(round(c.quantity * 1e6) AS BIGINT) AS VARCHAR),
        coalesce(CAST(CAST(round(c.unit_price * 1e6) AS BIGINT) AS VARCHAR), ''),
        coalesce(CASE WHEN c.unit_price IS NOT NULL THEN c.currency END, ''),
        coalesce(c.order_id, ''), coalesce(CAST(CASE WHEN c.kind IN ('review', 'rating') THEN c.rating END AS VARCHAR), ''),
        coalesce(c.channel, ''), coalesce(c.message_id, ''))), 1, 24) AS first_id
FROM import_mapped c
JOIN import_stage s ON s._key = c._key
JOIN import_people p ON p.number = s.number
WHERE s.reason IS NULL AND NOT s.given
