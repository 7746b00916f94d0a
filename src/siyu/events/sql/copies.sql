-- Of whole rows that are equal the first stays. Rows without an id of their own that would be stored alike but are not
-- the same row (two lines of one product in one order) are different events and get a running number.
WITH compared AS (
    SELECT k._key, coalesce(k.first_id, m.given_id) AS first_id, k.given, m.whole,
        concat_ws(chr(31), CAST(s.number AS VARCHAR), m.kind, CAST(m.ts AS VARCHAR), coalesce(m.item, ''),
            CAST(m.quantity AS VARCHAR), coalesce(CAST(m.unit_price AS VARCHAR), ''), coalesce(m.order_id, ''),
            coalesce(m.words, ''),
            coalesce(CAST(CASE WHEN m.kind IN ('review', 'rating') THEN m.rating END AS VARCHAR), '')) AS content
    FROM import_repeated k
    JOIN import_repeated_mapped m ON m._key = k._key
    JOIN import_stage s ON s._key = k._key
), counted AS (
    SELECT *, row_number() OVER (PARTITION BY given, first_id, whole ORDER BY _key) AS copy FROM compared
), kept AS (
    SELECT *,
        row_number() OVER (PARTITION BY given, first_id ORDER BY _key) AS place,
        first_value(content) OVER (PARTITION BY given, first_id ORDER BY _key) AS first_content
    FROM counted
    WHERE copy = 1
)
SELECT _key, 'exact-duplicate' AS reason, CAST(NULL AS VARCHAR) AS event_id
FROM counted
WHERE copy > 1
UNION ALL
SELECT _key,
    CASE WHEN given AND content = first_content THEN 'duplicate-id' WHEN given THEN 'conflicting-id' END AS reason,
    CASE WHEN NOT given THEN substr(md5(first_id || ':' || CAST(place AS VARCHAR)), 1, 24) END AS event_id
FROM kept
WHERE place > 1
