-- What one hundred grams, one hundred millilitres or one piece costs, for as long as a price and what it buys were both
-- in force. Derived by us, so it is a fact of its own kind that no copy speaks of: the shop did not state it.
WITH contents AS (
    SELECT f.item, f.number AS amount, f.unit, f.valid_from, f.valid_until, n.place
    FROM catalogue_history f
    JOIN catalogue_contents n ON n.slot = lower(f.slot)
    WHERE f.number > 0 AND f.unit IN ('g', 'ml', 'piece')
), priced AS (
    SELECT p.item, p.unit AS currency, c.unit, p.source, greatest(p.observed_at, c.valid_from) AS observed_at,
        round(p.number / c.amount * CASE WHEN c.unit = 'piece' THEN 1 ELSE 100 END, 4) AS number,
        greatest(p.valid_from, c.valid_from) AS valid_from,
        CASE WHEN p.valid_until IS NULL THEN c.valid_until WHEN c.valid_until IS NULL THEN p.valid_until
            ELSE least(p.valid_until, c.valid_until) END AS valid_until,
        row_number() OVER (PARTITION BY p.item, greatest(p.valid_from, c.valid_from) ORDER BY c.place, c.amount) AS turn
    FROM catalogue_history p
    JOIN contents c ON c.item = p.item
    WHERE p.slot = 'price' AND p.number > 0
        AND (p.valid_until IS NULL OR c.valid_from < p.valid_until)
        AND (c.valid_until IS NULL OR p.valid_from < c.valid_until)
)
SELECT item, 'derived.unit_price' AS slot, CAST(number AS VARCHAR) AS value, CAST(number AS DOUBLE) AS number,
    currency || CASE WHEN unit = 'piece' THEN '/piece' ELSE '/100' || unit END AS unit, '' AS language,
    'derived:' || source AS source, observed_at, valid_from, valid_until
FROM priced
WHERE turn = 1
UNION ALL
SELECT item, slot, value, number, unit, language, source, observed_at, valid_from, valid_until
FROM catalogue_history
