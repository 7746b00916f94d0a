-- Every row set aside, with why and what it said.
SELECT $source AS source, regexp_replace(b._file, '^.*[/\\]', '') AS file, CAST(b._row AS BIGINT) AS "row",
    f.field, b.reason, b.payload, CAST($imported_at AS TIMESTAMP) AS imported_at
FROM import_payloads b
JOIN import_fields f ON f.reason = b.reason
