-- Rules that bring most baskets beyond chance, one direction of each pair.
WITH asked AS (
    SELECT
        items,
        then_item,
        baskets,
        support,
        confidence,
        lift,
        p,
        round(leverage, 12) AS beyond,
        round(lift, 9) AS times
    FROM rules
    WHERE level = $level
)
SELECT items, then_item, baskets, support, confidence, lift, p
FROM asked
ORDER BY beyond DESC, times DESC, then_item
LIMIT $most
