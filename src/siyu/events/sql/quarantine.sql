-- Every row set aside, with why and what it said.
WITH bad AS (
    SELECT _file, _row, _part, reason FROM import_checked WHERE reason IS NOT NULL
    UNION ALL
    SELECT _file, _row, _part, reason FROM import_fate
)
SELECT $source AS source, regexp_replace(b._file, '^.*[/\\]', '') AS file, CAST(b._row AS BIGINT) AS "row",
    f.field, b.reason, r.payload, CAST($imported_at AS TIMESTAMP) AS imported_at
FROM bad b
JOIN import_payloads r ON r._file = b._file AND r._row = b._row AND r._part = b._part
JOIN import_fields f ON f.reason = b.reason
