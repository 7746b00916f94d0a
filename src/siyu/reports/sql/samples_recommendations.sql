SELECT person, item, lane, rank, model, reasons
FROM recommendations
WHERE person IN $people AND item IN $items
ORDER BY person, rank, item, lane
