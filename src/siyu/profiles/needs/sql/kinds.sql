-- The category of each product, by number; products of other categories are left out.
SELECT p.item, n.code
FROM needs_products p
JOIN needs_paths n ON n.path = p.category
