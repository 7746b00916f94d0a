-- Facts in force now for the products that may be written about, one a slot and language: the latest observation wins.
-- Two different prices in one currency, of one moment, contradict each other: neither is told.
-- Any product a message may name is here: recommended ones and the past ones that reasons rest on.
WITH ranked AS (
    SELECT f.item, f.slot, f.value, f.number, f.unit, f.language, f.source, f.observed_at, f.valid_from, f.valid_until,
           row_number() OVER (PARTITION BY f.item, f.slot, coalesce(f.language, '') ORDER BY f.observed_at DESC, f.source, f.value) AS place,
           min(f.number) OVER (PARTITION BY f.item, f.slot, f.unit, f.observed_at) AS lowest,
           max(f.number) OVER (PARTITION BY f.item, f.slot, f.unit, f.observed_at) AS highest
    FROM shelf_facts f
    WHERE (f.valid_from IS NULL OR f.valid_from <= $now)
      AND (f.valid_until IS NULL OR $now < f.valid_until)
      AND f.observed_at <= $now
      AND (f.slot IN ('title', 'brand', 'category', 'price', 'stock') OR f.slot LIKE 'attr.%')
      AND f.value IS NOT NULL
)
SELECT item, slot, value, number, unit, language, source, observed_at, valid_from, valid_until
FROM ranked
WHERE place = 1 AND (slot <> 'price' OR lowest IS NULL OR lowest = highest)
ORDER BY item, slot, language
