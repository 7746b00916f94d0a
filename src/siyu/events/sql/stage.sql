-- Rows that pass every check of their own, with pseudonyms in place of ids. `first_id` is the source's own id, or the
-- hash of what will be stored anyway: a hash over raw ids could be reversed by trying every customer number.
WITH known AS (
    SELECT c.*, coalesce(u.person, a.person) AS person, coalesce(u.number, a.number) AS number,
        CASE WHEN u.person <> a.person THEN a.number END AS alias_number
    FROM import_checked c
    LEFT JOIN import_people u ON u.raw = c.user_raw
    LEFT JOIN import_people a ON a.raw = c.anonymous_raw
    WHERE c.reason IS NULL
)
SELECT _file, _row, _part,
    given_id IS NOT NULL AS given,
    CASE WHEN given_id IS NOT NULL THEN $id_prefix || given_id ELSE substr(md5(concat_ws(chr(31), person, kind,
        CAST(ts AS VARCHAR), coalesce(item, ''), CAST(CAST(round(quantity * 1e6) AS BIGINT) AS VARCHAR),
        coalesce(CAST(CAST(round(unit_price * 1e6) AS BIGINT) AS VARCHAR), ''), coalesce(currency, ''),
        coalesce(order_id, ''), coalesce(CAST(rating AS VARCHAR), ''), coalesce(channel, ''),
        coalesce(message_id, ''))), 1, 24) END AS first_id,
    number, alias_number, kind, CAST(ts AS TIMESTAMP) AS ts, item, quantity, unit_price,
    CASE WHEN unit_price IS NOT NULL THEN currency END AS currency,
    order_id, words, CASE WHEN kind IN ('review', 'rating') THEN rating END AS rating, channel, language, message_id,
    by_bot
FROM known
