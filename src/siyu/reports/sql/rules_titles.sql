SELECT p.item, p.title
FROM products p
JOIN rule_items a ON a.item = p.item
