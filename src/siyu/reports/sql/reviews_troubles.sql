-- What most people blame products for.
SELECT a.item, p.title, a.aspect, a.praised, a.blamed, a.blame
FROM product_aspects a
LEFT JOIN products p ON p.item = a.item
WHERE a.blamed >= $least AND a.blamed > a.praised
ORDER BY a.blamed DESC, a.item, a.aspect
LIMIT $most
