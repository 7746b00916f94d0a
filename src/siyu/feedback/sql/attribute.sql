-- One row a person of a campaign. Input: shown (ledger rows of both arms), variants, events (people resolved).
WITH lines AS (
    -- a line of an order, less what was returned of it; returns carry the moment of their purchase as effective_ts
    SELECT person, item, effective_ts,
        coalesce(max(CASE WHEN kind = 'purchase' THEN order_id END), CAST(effective_ts AS VARCHAR)) AS order_key,
        sum(CASE WHEN kind = 'purchase' THEN quantity ELSE -quantity END) AS quantity,
        sum(CASE WHEN kind = 'purchase' THEN 1 ELSE -1 END * quantity * coalesce(base_price, CAST(0 AS DOUBLE))) AS revenue
    FROM events
    WHERE kind IN ('purchase', 'return') AND ts <= $now AND effective_ts <= $now
    GROUP BY person, item, effective_ts
),
orders AS (
    SELECT person, order_key, min(effective_ts) AS at, CAST(sum(revenue) AS DOUBLE) AS revenue,
        CASE WHEN sum(quantity) > 0 THEN 1 ELSE 0 END AS stands
    FROM lines
    GROUP BY person, order_key
),
acts AS (
    SELECT message_id,
        max(CASE WHEN kind = 'open' THEN 1 ELSE 0 END) AS opened,
        max(CASE WHEN kind = 'click' THEN 1 ELSE 0 END) AS clicked,
        max(CASE WHEN kind = 'unsubscribe' THEN 1 ELSE 0 END) AS unsubscribed,
        max(CASE WHEN kind = 'complaint' THEN 1 ELSE 0 END) AS complained
    FROM events
    WHERE kind IN ('open', 'click', 'unsubscribe', 'complaint') AND message_id IS NOT NULL AND ts <= $now
    GROUP BY message_id
),
people AS (
    SELECT s.campaign, s.person, min(s.arm) AS arm, min(s.since) AS since, max(s.until) AS until,
        max(CASE WHEN s.sent THEN 1 ELSE 0 END) AS sent,
        max(coalesce(a.opened, 0)) AS opened, max(coalesce(a.clicked, 0)) AS clicked,
        max(coalesce(a.unsubscribed, 0)) AS unsubscribed, max(coalesce(a.complained, 0)) AS complained,
        min(v.variant) AS variant
    FROM shown s
    LEFT JOIN acts a ON a.message_id = s.message_id
    LEFT JOIN variants v ON v.message_id = s.message_id
    GROUP BY s.campaign, s.person
),
intended AS (
    -- intention to treat: every order in the window that both arms share, whatever became of the message
    SELECT p.campaign, p.person, CAST(sum(o.stands) AS DOUBLE) AS orders, CAST(sum(o.revenue) AS DOUBLE) AS revenue
    FROM people p
    JOIN orders o ON o.person = p.person AND o.at >= p.since AND o.at < p.until
    GROUP BY p.campaign, p.person
),
after_sending AS (
    SELECT s.campaign, s.person, s.message_id, o.order_key, o.at, o.stands, o.revenue
    FROM shown s
    JOIN orders o ON o.person = s.person AND o.at >= s.handed_at AND o.at < s.handed_until
    WHERE s.sent
),
any_sent AS (
    SELECT campaign, person, CAST(sum(stands) AS DOUBLE) AS orders, CAST(sum(revenue) AS DOUBLE) AS revenue
    FROM (SELECT DISTINCT campaign, person, order_key, stands, revenue FROM after_sending) AS once
    GROUP BY campaign, person
),
touched AS (
    -- the last click before the order takes it, over all campaigns: an order has one message at most
    SELECT a.campaign, a.person, a.stands, a.revenue,
        row_number() OVER (PARTITION BY a.person, a.order_key ORDER BY k.ts DESC, a.message_id, k.event_id) AS turn
    FROM after_sending a
    JOIN events k ON k.message_id = a.message_id AND k.kind = 'click' AND k.ts <= a.at AND k.ts <= $now
),
attributed AS (
    SELECT campaign, person, CAST(sum(stands) AS DOUBLE) AS orders, CAST(sum(revenue) AS DOUBLE) AS revenue
    FROM touched
    WHERE turn = 1
    GROUP BY campaign, person
)
SELECT p.campaign, p.person, p.arm, p.since, p.until,
    p.until <= $now AS mature,
    p.sent = 1 AS sent, p.opened = 1 AS opened, p.clicked = 1 AS clicked,
    p.unsubscribed = 1 AS unsubscribed, p.complained = 1 AS complained,
    coalesce(i.orders, CAST(0 AS DOUBLE)) AS orders,
    coalesce(i.revenue, CAST(0 AS DOUBLE)) AS revenue,
    coalesce(t.orders, CAST(0 AS DOUBLE)) AS attributed_orders,
    coalesce(t.revenue, CAST(0 AS DOUBLE)) AS attributed_revenue,
    coalesce(y.orders, CAST(0 AS DOUBLE)) AS any_sent_orders,
    coalesce(y.revenue, CAST(0 AS DOUBLE)) AS any_sent_revenue,
    p.variant
FROM people p
LEFT JOIN intended i ON i.campaign = p.campaign AND i.person = p.person
LEFT JOIN attributed t ON t.campaign = p.campaign AND t.person = p.person
LEFT JOIN any_sent y ON y.campaign = p.campaign AND y.person = p.person
