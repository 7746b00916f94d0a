-- Every product of the catalogue and of the events, with the first item filter that bars it (null: none does).
WITH listed AS (
    SELECT item, title, category, brand, attributes, stock, first_seen,
           CASE WHEN price >= 0 AND price < 1e15 THEN price END AS price,
           CASE WHEN price_band IN ('1', '2', '3', '4', '5') THEN CAST(price_band AS INT) END AS band,
           row_number() OVER (PARTITION BY item ORDER BY first_seen, title, category, price) AS copy
    FROM products
    WHERE item IS NOT NULL AND item <> ''
),
named AS (
    SELECT item FROM listed WHERE copy = 1
    UNION
    SELECT item FROM events WHERE ts <= $now AND item IS NOT NULL AND item <> ''
),
described AS (
    SELECT CAST(row_number() OVER (ORDER BY n.item) AS INT) AS code, n.item,
           p.item IS NOT NULL AS listed,
           p.title, p.category, p.brand, p.attributes, p.price, p.band, p.stock, p.first_seen,
           x.item IS NOT NULL AS barred_item,
           y.category IS NOT NULL AS barred_category
    FROM named n
    LEFT JOIN (SELECT * FROM listed WHERE copy = 1) p ON p.item = n.item
    LEFT JOIN rec_barred_items x ON x.item = n.item
    LEFT JOIN (
        SELECT DISTINCT c.category
        FROM (SELECT DISTINCT category FROM listed WHERE category IS NOT NULL) c
        JOIN rec_barred_categories b
          ON c.category = b.category
          OR substr(c.category, 1, length(b.category) + 3) = concat(b.category, ' > ')
    ) y ON y.category = p.category
)
SELECT code, item, title, category, brand, attributes, price, band, stock, first_seen,
       CASE $item_filters END AS veto
FROM described i
