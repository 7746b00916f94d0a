-- One message of each variant, to learn which part each of its pieces is.
WITH numbered AS (
    SELECT variant, parts, row_number() OVER (PARTITION BY variant ORDER BY person, step) AS turn
    FROM messages
    WHERE campaign = $campaign AND variant IS NOT NULL
)
SELECT parts FROM numbered WHERE turn = 1
