-- Every product of the catalogue and of the events, with its code and the first item filter that bars it (null: none
-- does). Codes count from 0 in the order of ids; products that the last fit knew keep theirs.
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
    SELECT item FROM rec_events WHERE ts <= $now AND item IS NOT NULL AND item <> ''
    UNION
    SELECT item FROM rec_known
),
known AS (SELECT CAST(count(*) AS INT) AS items FROM rec_known),
coded AS (
    SELECT n.item, CAST(coalesce(k.code, c.items - 1 + row_number() OVER (PARTITION BY k.code IS NULL ORDER BY n.item)) AS INT)
               AS code
    FROM named n
    LEFT JOIN rec_known k ON k.item = n.item
    CROSS JOIN known c
),
described AS (
    SELECT n.code, n.item,
           p.item IS NOT NULL AS listed,
           p.title, p.category, p.brand, p.attributes, p.price, p.band, p.stock, p.first_seen,
           x.item IS NOT NULL AS barred_item,
           y.category IS NOT NULL AS barred_category
    FROM coded n
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
SELECT i.code, i.item, i.title, i.category, i.brand, i.attributes, i.price, i.band, i.stock, i.first_seen, g.style,
       CASE $item_filters END AS veto
FROM described i
LEFT JOIN (
    SELECT item, min(value) AS style FROM rec_facts
    WHERE slot = 'group' AND value <> '' AND (valid_from IS NULL OR valid_from <= $now) AND (valid_until IS NULL OR valid_until > $now)
    GROUP BY item
) g ON g.item = i.item
