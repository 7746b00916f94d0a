-- Of whole rows that are equal the first stays. Rows without an id of their own that would be stored alike but are not
-- the same row (two lines of one product in one order) are different events and get a running number.
WITH counted AS (
    SELECT *, row_number() OVER (PARTITION BY first_id, whole ORDER BY _file, _row, _part) AS copy
    FROM import_compared
), kept AS (
    SELECT *,
        row_number() OVER (PARTITION BY first_id ORDER BY _file, _row, _part) AS place,
        first_value(content) OVER (PARTITION BY first_id ORDER BY _file, _row, _part) AS first_content
    FROM counted
    WHERE copy = 1
)
SELECT _file, _row, _part, 'exact-duplicate' AS reason, CAST(NULL AS VARCHAR) AS event_id
FROM counted
WHERE copy > 1
UNION ALL
SELECT _file, _row, _part,
    CASE WHEN given AND content = first_content THEN 'duplicate-id' WHEN given THEN 'conflicting-id' END AS reason,
    CASE WHEN NOT given THEN substr(md5(first_id || ':' || CAST(place AS VARCHAR)), 1, 24) END AS event_id
FROM kept
WHERE place > 1
