-- One row a person: what they bought, and looked at lately, by category, from what needs_seen shows.
WITH days AS (
    SELECT
        s.person, k.code, CAST(s.effective_ts AS DATE) AS day,
        CAST(sum(CASE WHEN s.kind = 'purchase' THEN s.quantity ELSE -s.quantity END) AS DOUBLE) AS quantity
    FROM needs_seen s
    JOIN needs_kinds k ON k.item = s.item
    WHERE s.kind IN ('purchase', 'return')
    GROUP BY s.person, k.code, CAST(s.effective_ts AS DATE)
),
parts AS (
    SELECT
        person, code,
        CAST(count(*) AS DOUBLE) AS days,
        CAST(date_diff('day', max(day), CAST($now AS DATE)) AS DOUBLE) AS recency,
        CAST(date_diff('day', min(day), CAST($now AS DATE)) AS DOUBLE) AS tenure,
        CAST(0 AS DOUBLE) AS looked
    FROM days
    WHERE quantity > 1e-9
    GROUP BY person, code
    UNION ALL
    SELECT
        s.person, k.code, CAST(0 AS DOUBLE), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE),
        CAST(sum(CASE WHEN s.kind = 'cart' THEN 3 ELSE 1 END) AS DOUBLE)
    FROM needs_seen s
    JOIN needs_kinds k ON k.item = s.item
    WHERE s.kind IN ('browse', 'cart', 'click') AND s.ts >= $month
    GROUP BY s.person, k.code
),
pairs AS (
    SELECT person, code, sum(days) AS days, min(recency) AS recency, max(tenure) AS tenure, sum(looked) AS looked
    FROM parts
    GROUP BY person, code
),
totals AS (
    SELECT person, CAST(count(*) AS DOUBLE) AS buys
    FROM (SELECT person, CAST(effective_ts AS DATE) AS day FROM needs_seen WHERE kind = 'purchase'
          GROUP BY person, CAST(effective_ts AS DATE)) d
    GROUP BY person
)
SELECT
    p.person,
    max(coalesce(t.buys, CAST(0 AS DOUBLE))) AS buys,
    list(struct_pack(code := p.code, days := p.days, recency := p.recency, tenure := p.tenure, looked := p.looked)) AS tastes
FROM pairs p
LEFT JOIN totals t ON t.person = p.person
GROUP BY p.person
