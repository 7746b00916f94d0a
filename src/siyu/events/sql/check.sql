-- Each row with the first reason, in the order of domain.kinds.QuarantineReason, that can be told from the row alone.
-- A plus is rare, and looked for first: it is quick. NaN is the greatest number, so "too large" catches it.
SELECT *,
    CASE
        WHEN _malformed THEN 'malformed'
        WHEN user_raw IS NULL AND anonymous_raw IS NULL THEN 'missing-person'
        WHEN user_raw LIKE '%+%' AND regexp_matches(user_raw, $rounded) THEN 'rounded-id'
        WHEN kind IS NULL THEN 'unknown-kind'
        WHEN NOT has_ts THEN 'missing-time'
        WHEN ts IS NULL THEN 'bad-time'
        WHEN ts < $earliest OR ts >= $end_of_time THEN 'time-out-of-range'
        WHEN ts > $latest THEN 'future-time'
        WHEN kind IN $link_kinds THEN NULL
        WHEN item IS NULL AND kind IN $item_kinds THEN 'missing-item'
        WHEN item LIKE '%+%' AND regexp_matches(item, $rounded) THEN 'rounded-item'
        WHEN excluded THEN 'not-a-product'
        WHEN quantity IS NULL OR quantity <= 0 OR quantity > $max_quantity THEN 'bad-quantity'
        WHEN has_price AND (unit_price IS NULL OR unit_price < 0 OR unit_price > $max_price) THEN 'bad-price'
        WHEN $no_zero_price AND unit_price = 0 AND kind IN ('purchase', 'return') THEN 'zero-price'
        WHEN (has_rating OR kind = 'rating') AND (rating IS NULL OR rating < 1 OR rating > 5) THEN 'bad-rating'
        WHEN has_price AND (currency IS NULL OR currency NOT IN $currencies) THEN 'bad-currency'
    END AS reason
FROM import_mapped
