-- The selling points that most people name.
SELECT a.item, p.title, a.aspect, a.praised, a.blamed, a.low, a.praise
FROM product_aspects a
LEFT JOIN products p ON p.item = a.item
WHERE a.selling_point
ORDER BY a.praised DESC, a.low DESC, a.item, a.aspect
LIMIT $most
