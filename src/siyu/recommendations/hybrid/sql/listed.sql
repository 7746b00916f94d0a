-- The catalogue of today as it may be used at the cut: stock is unknown, what came later is not there.
SELECT $columns FROM products p WHERE p.first_seen IS NULL OR p.first_seen <= $cut
