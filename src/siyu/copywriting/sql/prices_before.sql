-- The price a reduction may be compared with: the lowest asked in the thirty days before the price in force began.
-- Sources: 明码标价和禁止价格欺诈规定 art. 16 (seven days); Directive 98/6/EC art. 6a (thirty days). The stricter holds.
WITH now_prices AS (
    SELECT item, number, unit, valid_from,
           row_number() OVER (PARTITION BY item ORDER BY observed_at DESC, source, value) AS place
    FROM shelf_facts
    WHERE slot = 'price' AND number > 0 AND observed_at <= $now
      AND valid_from IS NOT NULL AND valid_from <= $now AND (valid_until IS NULL OR $now < valid_until)
),
lowest AS (
    SELECT p.item, p.number, p.unit, p.valid_from,
           b.number AS before, b.source, b.observed_at,
           row_number() OVER (PARTITION BY p.item ORDER BY b.number, b.observed_at DESC, b.source) AS place
    FROM now_prices p
    JOIN shelf_facts b ON b.item = p.item AND b.slot = 'price' AND b.unit = p.unit AND b.number > 0
        AND b.valid_until IS NOT NULL AND b.valid_until <= p.valid_from
        AND b.valid_until > p.valid_from - INTERVAL 30 DAY
    WHERE p.place = 1
)
SELECT item, 'price.before' AS slot, CAST(before AS VARCHAR) AS value, CAST(before AS DOUBLE) AS number, unit,
       '' AS language, source, observed_at, valid_from, valid_from + INTERVAL 14 DAY AS valid_until
FROM lowest
WHERE place = 1 AND before > number AND $now < valid_from + INTERVAL 14 DAY
ORDER BY item
