-- What people did after the cut, a row for each person and product.
SELECT person, item FROM events
WHERE kind = $kind AND ts > $cut AND ts <= $until AND person IS NOT NULL AND person <> '' AND item IS NOT NULL
GROUP BY person, item
