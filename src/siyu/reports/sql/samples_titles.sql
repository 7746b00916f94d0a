SELECT item, min(title) AS title FROM products WHERE item IN $items GROUP BY item
