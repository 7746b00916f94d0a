-- Of each person with enough of them, the last acts by moment and id: place 1 is the very last.
SELECT person, item, ts, event_id, place FROM (
    SELECT person, item, ts, event_id,
           CAST(row_number() OVER (PARTITION BY person ORDER BY ts DESC, event_id DESC) AS INT) AS place,
           CAST(count(*) OVER (PARTITION BY person) AS INT) AS acts
    FROM events
    WHERE kind = $kind AND person IS NOT NULL AND person <> '' AND item IS NOT NULL
) placed
WHERE acts >= 3 AND place <= 4
