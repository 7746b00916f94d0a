-- Products from the facts in force at the given moment, in the language whose title was observed last. The price band is
-- the fifth of the catalogue in which the price's middle rank falls, so that equal prices share a band. Prices of
-- currencies with a rate are compared in the project's; those of another one are ranked among themselves.
WITH known AS (
    SELECT * FROM catalogue_facts WHERE observed_at <= $now
), valid AS (
    SELECT * FROM known WHERE (valid_from IS NULL OR valid_from <= $now) AND (valid_until IS NULL OR valid_until > $now)
), titled AS (
    SELECT item, language, row_number() OVER (PARTITION BY item ORDER BY observed_at DESC, language) AS place
    FROM valid
    WHERE slot = 'title'
), preferred AS (
    SELECT v.*, row_number() OVER (PARTITION BY v.item, v.slot ORDER BY
        CASE WHEN v.language = t.language THEN 0 WHEN v.language = '' THEN 1 ELSE 2 END, v.observed_at DESC, v.language)
        AS place
    FROM valid v
    LEFT JOIN titled t ON t.item = v.item AND t.place = 1
), held AS (
    SELECT * FROM preferred WHERE place = 1
), pivoted AS (
    SELECT item,
        max(CASE WHEN slot = 'title' THEN value END) AS title,
        max(CASE WHEN slot = 'category' THEN value END) AS category,
        max(CASE WHEN slot = 'brand' THEN value END) AS brand,
        max(CASE WHEN slot = 'price' THEN number END) AS price,
        max(CASE WHEN slot = 'price' THEN unit END) AS currency,
        max(CASE WHEN slot = 'stock' THEN number END) AS stock,
        max(CASE WHEN slot = 'url' THEN value END) AS url,
        max(CASE WHEN slot = 'image' THEN value END) AS image,
        max(CASE WHEN slot = 'title' THEN language END) AS language,
        max(CASE WHEN slot = 'description' THEN value END) AS description
    FROM held
    GROUP BY item
), seen AS (
    SELECT item, min(observed_at) AS first_seen FROM known GROUP BY item
), compared AS (
    SELECT p.item, CASE WHEN r.rate IS NULL THEN p.currency ELSE '' END AS among,
        round(CASE WHEN r.rate IS NULL THEN p.price ELSE p.price * r.rate END, 6) AS price
    FROM pivoted p
    LEFT JOIN catalogue_rates r ON r.currency = p.currency
    WHERE p.price IS NOT NULL
), ranks AS (
    SELECT item,
        CAST(rank() OVER (PARTITION BY among ORDER BY price) AS DOUBLE) AS place,
        CAST(count(*) OVER (PARTITION BY among, price) AS DOUBLE) AS ties,
        CAST(count(*) OVER (PARTITION BY among) AS DOUBLE) AS everyone
    FROM compared
), named AS (
    SELECT item, list(struct_pack(name := substr(slot, 6), "value" := value)) AS attributes
    FROM held
    WHERE slot LIKE 'attr.%'
    GROUP BY item
)
SELECT p.item, p.title, p.category, p.brand, p.price, p.currency,
    CAST(1 + CAST(floor(5 * (r.place - 1 + r.ties / 2) / r.everyone) AS INT) AS VARCHAR) AS price_band,
    CAST(p.stock AS BIGINT) AS stock, p.url, p.image, nullif(p.language, '') AS language, a.attributes, p.description,
    s.first_seen
FROM pivoted p
JOIN seen s ON s.item = p.item
LEFT JOIN ranks r ON r.item = p.item
LEFT JOIN named a ON a.item = p.item
