-- What the steps that look at more than one row need of each row; the rest stays in the files until it is published.
-- `number` stands for the person, `id_hash` for the id that the source gave. Of what was bought and returned a little
-- more is kept; of returns all, since one may have to wait for its purchase.
SELECT c._key, c.reason, c.given_id IS NOT NULL AS given, hash($id_prefix || c.given_id) AS id_hash, c.kind, c.ts,
    c.by_bot, c.words IS NOT NULL AS has_words,
    CASE WHEN c.reason IS NULL THEN coalesce(u.number, a.number) END AS number,
    CASE WHEN c.reason IS NULL AND u.number <> a.number THEN a.number END AS alias_number,
    CASE WHEN c.kind IN ('purchase', 'return') THEN c.item END AS item,
    CASE WHEN c.kind IN ('purchase', 'return') THEN c.quantity END AS quantity,
    CASE WHEN c.kind IN ('purchase', 'return') THEN c.order_id END AS order_id,
    CASE WHEN c.kind = 'return' THEN $id_prefix || c.given_id END AS event_id,
    CASE WHEN c.kind = 'return' THEN c.unit_price END AS unit_price,
    CASE WHEN c.kind = 'return' AND c.unit_price IS NOT NULL THEN c.currency END AS currency,
    CASE WHEN c.kind = 'return' THEN c.channel END AS channel,
    CASE WHEN c.kind = 'return' THEN c.language END AS language,
    CASE WHEN c.kind = 'return' THEN c.message_id END AS message_id
FROM import_checked c
LEFT JOIN import_ids u ON u.raw = c.user_raw
LEFT JOIN import_ids a ON a.raw = c.anonymous_raw
