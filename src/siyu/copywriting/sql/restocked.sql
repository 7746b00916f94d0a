-- Products that are in stock again: none was left within the thirty days before the count in force.
WITH now_stock AS (
    SELECT item, number, valid_from, source, observed_at,
           row_number() OVER (PARTITION BY item ORDER BY observed_at DESC, source, value) AS place
    FROM shelf_facts
    WHERE slot = 'stock' AND number IS NOT NULL AND observed_at <= $now
      AND valid_from IS NOT NULL AND valid_from <= $now AND (valid_until IS NULL OR $now < valid_until)
)
SELECT n.item, 'restocked' AS slot, '' AS value, CAST(NULL AS DOUBLE) AS number, '' AS unit, '' AS language,
       n.source, n.observed_at, n.valid_from, n.valid_from + INTERVAL 30 DAY AS valid_until
FROM now_stock n
WHERE n.place = 1 AND n.number > 0 AND $now < n.valid_from + INTERVAL 30 DAY AND EXISTS (
    SELECT 1 FROM shelf_facts b
    WHERE b.item = n.item AND b.slot = 'stock' AND b.number <= 0 AND b.valid_until IS NOT NULL
      AND b.valid_until <= n.valid_from AND b.valid_until > n.valid_from - INTERVAL 30 DAY)
ORDER BY n.item
