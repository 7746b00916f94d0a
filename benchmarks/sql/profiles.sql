-- The plain way to interests (top 20 a person and facet, with lift) and RFM: what an analyst would write for DuckDB,
-- run as it stands, statement by statement. No evidence, rhythm, lifecycle, segments; nothing kept for the next day.
-- Reads views: events, aliases, products (the datasets of a project), title_words (item, word) and forms (word, shown).
-- $half_life is in days; the weights of kinds are the defaults of [profiles.interests.weights].

CREATE TABLE acts AS
SELECT coalesce(a.person, e.person) AS person, e.* EXCLUDE (person, session_id, text, message_id, source, currency)
FROM events e
LEFT JOIN aliases a ON a.alias = e.person
WHERE e.ts <= $now AND e.kind <> 'sent' AND e.person IS NOT NULL;

CREATE TABLE kept AS
SELECT b.person, b.item, b.effective_ts, greatest(1 - r.back / b.amount, 0) AS part
FROM (
    SELECT person, item, effective_ts, sum(coalesce(quantity, 1)) AS amount
    FROM acts WHERE kind = 'purchase' GROUP BY ALL
) b
JOIN (
    SELECT person, item, effective_ts, sum(coalesce(quantity, 1)) AS back FROM acts WHERE kind = 'return' GROUP BY ALL
) r USING (person, item, effective_ts);

CREATE TABLE weighed AS
SELECT
    person, item, tokens, ts,
    CASE kind
        WHEN 'browse' THEN 1 WHEN 'search' THEN 3 WHEN 'cart' THEN 4 WHEN 'purchase' THEN 6
        WHEN 'review' THEN 3 WHEN 'rating' THEN 3 WHEN 'feedback' THEN 2 WHEN 'click' THEN 1 ELSE 0
    END
    * CASE
        WHEN kind IN ('review', 'rating', 'feedback') THEN coalesce((rating - 3) / 2, 0)
        WHEN kind IN ('cart', 'purchase')
            THEN log2(1 + least(greatest(coalesce(quantity, 1), 0), 1e6) * coalesce(CASE WHEN kind = 'purchase' THEN part END, 1))
        ELSE 1
    END
    * pow(2::DOUBLE, epoch(effective_ts - $now) / 86400 / $half_life) AS weight
FROM acts
LEFT JOIN kept USING (person, item, effective_ts)
WHERE kind <> 'return';

CREATE TABLE item_values AS
SELECT item, facet, value, 1 / count(*) OVER (PARTITION BY item, facet) AS part
FROM (
    SELECT item, 'category' AS facet, category AS value FROM products
    UNION SELECT item, 'category', trim(split_part(category, '>', 1)) FROM products
    UNION SELECT item, 'brand', brand FROM products
    UNION SELECT item, 'price_band', price_band FROM products
    UNION SELECT item, 'attribute', a.name || '=' || a.value FROM (SELECT item, unnest(attributes) AS a FROM products)
    UNION SELECT item, 'keyword', shown FROM title_words JOIN forms USING (word)
)
WHERE value <> '';

CREATE TABLE sums AS
SELECT person, facet, value, sum(weight) AS weight, sum(gross) AS gross, min(first_ts) AS first_ts
FROM (
    SELECT person, facet, value, weight * part AS weight, gross * part AS gross, first_ts
    FROM (
        SELECT person, item, sum(weight) AS weight, sum(abs(weight)) AS gross, min(ts) FILTER (weight > 0) AS first_ts
        FROM weighed WHERE item IS NOT NULL AND weight <> 0 GROUP BY ALL
    )
    JOIN item_values USING (item)
    UNION ALL
    SELECT person, 'keyword', shown, weight / n, abs(weight) / n, CASE WHEN weight > 0 THEN ts END
    FROM (
        SELECT person, weight, ts, len(list_distinct(tokens)) AS n, unnest(list_distinct(tokens)) AS word
        FROM weighed WHERE weight <> 0
    )
    JOIN forms USING (word)
)
GROUP BY ALL
HAVING sum(weight) > 1e-9 * sum(gross);

CREATE TABLE shares AS
SELECT person, facet, value, first_ts, weight / sum(weight) OVER (PARTITION BY person, facet) AS weight FROM sums;

CREATE TABLE means AS
SELECT facet, value, sum(weight) / any_value(people) AS mean
FROM shares
JOIN (SELECT facet, count(DISTINCT person) AS people FROM shares GROUP BY ALL) USING (facet)
GROUP BY ALL;

COPY (
    SELECT person, facet, value, weight, weight / mean AS lift, rank
    FROM (
        SELECT
            *, row_number() OVER (PARTITION BY person, facet ORDER BY floor(weight * 1e4 + 0.4999) DESC, first_ts, value) AS rank
        FROM shares
    )
    JOIN means USING (facet, value)
    WHERE rank <= 20
) TO $interests (FORMAT parquet, COMPRESSION zstd);

CREATE TABLE orders AS
SELECT person, order_key, min(ts) AS ts, sum(spend * part) AS spend
FROM (
    SELECT
        person, coalesce(order_id, effective_ts::VARCHAR) AS order_key, effective_ts AS ts,
        coalesce(quantity, 1) AS quantity, coalesce(quantity, 1) * coalesce(unit_price, 0) AS spend, coalesce(part, 1) AS part
    FROM acts
    LEFT JOIN kept USING (person, item, effective_ts)
    WHERE kind = 'purchase'
)
GROUP BY ALL
HAVING sum(quantity * part) > 1e-9;

COPY (
    WITH buyers AS (
        SELECT person, count(*) AS orders, sum(spend) AS spend, max(ts) AS last_order FROM orders GROUP BY ALL
    ),
    ranked AS (
        SELECT
            *,
            rank() OVER (ORDER BY last_order) AS r_rank, count(*) OVER (PARTITION BY last_order) AS r_ties,
            rank() OVER (ORDER BY orders) AS f_rank, count(*) OVER (PARTITION BY orders) AS f_ties,
            rank() OVER (ORDER BY round(spend, 2)) AS m_rank, count(*) OVER (PARTITION BY round(spend, 2)) AS m_ties,
            count(*) OVER () AS people
        FROM buyers
    ),
    scored AS (
        SELECT
            person, orders, spend, last_order,
            least(5, 1 + floor(5 * (r_rank - 1 + r_ties / 2) / people))::INT AS r,
            least(5, 1 + floor(5 * (f_rank - 1 + f_ties / 2) / people))::INT AS f,
            least(5, 1 + floor(5 * (m_rank - 1 + m_ties / 2) / people))::INT AS m
        FROM ranked
    )
    SELECT
        p.person, p.first_ts, p.last_ts, p.events, coalesce(s.orders, 0) AS orders, coalesce(s.spend, 0) AS spend,
        epoch($now - s.last_order) / 86400 AS recency_days, s.r, s.f, s.m
    FROM (
        SELECT person, min(ts) AS first_ts, max(ts) AS last_ts, count(*) AS events FROM acts GROUP BY ALL
    ) p
    LEFT JOIN scored s USING (person)
) TO $people (FORMAT parquet, COMPRESSION zstd);
