-- A state without rows; its columns are explained in state.sql.
SELECT
    CAST(NULL AS VARCHAR) AS person,
    CAST(NULL AS VARCHAR) AS source,
    CAST(NULL AS VARCHAR) AS subject,
    CAST(NULL AS INT) AS place,
    CAST(NULL AS DOUBLE) AS weight,
    CAST(NULL AS DOUBLE) AS gross,
    CAST(NULL AS TIMESTAMP) AS first_ts,
    CAST(NULL AS VARCHAR) AS event_id,
    CAST(NULL AS VARCHAR) AS kind,
    CAST(NULL AS TIMESTAMP) AS ts,
    CAST(NULL AS VARCHAR) AS item
WHERE 1 = 0
