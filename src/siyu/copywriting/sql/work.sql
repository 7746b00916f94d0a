-- One row a person: up to $most products in order; of the first $named, the closest reason and the interests they answer.
-- Lists come unordered; `place` orders them. People, products and terms are numbers inside, for joins of text are slow.
-- A reason is the closer the more it is this reader's own: bought again, goes with what they bought, looked at; that many
-- others chose it comes last, whatever its share of the score. A deed is net of returns: 2 kept, 1 looked at, 0 neither.
WITH recs AS (
    SELECT a.no, i.no AS item_no, i.late, min(CASE WHEN r.lane = $first THEN r.rank ELSE 1000 + r.rank END) AS turn
    FROM recommendations r
    JOIN audience a ON a.person = r.person
    JOIN copy_items i ON i.item = r.item
    WHERE r.lane IN $lanes AND r.rank <= $depth
    GROUP BY a.no, i.no, i.late
),
placed AS (
    SELECT no, item_no, turn, CAST(row_number() OVER (PARTITION BY no ORDER BY late, turn, item_no) AS INT) AS place
    FROM recs
),
unfolded AS (
    SELECT p.no, r.person, p.place, unnest(r.reasons) AS why
    FROM recommendations r
    JOIN audience a ON a.person = r.person
    JOIN copy_items i ON i.item = r.item
    JOIN placed p ON p.no = a.no AND p.item_no = i.no
        AND p.turn = CASE WHEN r.lane = $first THEN r.rank ELSE 1000 + r.rank END
    WHERE r.lane IN $lanes AND r.rank <= $depth AND p.place <= $named
),
told AS (
    SELECT no, person, place, why.kind AS kind, why.item AS past, why.count AS times, why.share AS share FROM unfolded
),
pairs AS (
    SELECT DISTINCT no, person, past FROM told WHERE past IS NOT NULL
),
deeds AS (
    SELECT p.no, p.past,
           CASE WHEN sum(CASE e.kind WHEN 'purchase' THEN coalesce(e.quantity, 1) WHEN 'return' THEN -coalesce(e.quantity, 1)
                              ELSE 0 END) > 0 THEN 2
                WHEN max(CASE WHEN e.kind = 'purchase' THEN 1 ELSE 0 END) = 1 THEN 0
                ELSE 1 END AS deed
    FROM pairs p
    JOIN shop_events e ON e.person = p.person AND e.item = p.past
    WHERE e.kind IN ('purchase', 'return', 'browse', 'cart') AND e.ts <= $now
    GROUP BY p.no, p.past
),
weighed AS (
    SELECT t.no, t.place, t.kind, t.past, t.times, t.share, CAST(coalesce(d.deed, 0) AS INT) AS deed
    FROM told t
    LEFT JOIN deeds d ON d.no = t.no AND d.past = t.past
),
closest AS (
    SELECT no, place, kind, past, times, deed,
           row_number() OVER (PARTITION BY no, place ORDER BY
               CASE WHEN kind = 'repeat' THEN 0
                    WHEN kind = 'bought-together' AND deed = 2 THEN 1
                    WHEN kind = 'similar' AND deed = 2 THEN 2
                    WHEN kind = 'viewed' THEN 3
                    WHEN kind IN ('bought-together', 'similar') AND deed = 1 THEN 4
                    WHEN kind = 'interest' THEN 5
                    WHEN kind = 'new' THEN 6
                    WHEN kind = 'popular' THEN 8
                    ELSE 7 END,
               round(share, 9) DESC, kind, past) AS nth
    FROM weighed
),
-- How much may be said of an interest: 2 a habit (bought on two days, and high among what they care for), 1 an interest
-- (meant, or looked at again and again), 0 a glance, or a look or word that everybody shares. What weighs less than $least
-- of a reader's first interest is no angle at all.
firsts AS (
    SELECT a.no, i.facet, max(i.weight) AS top
    FROM interests i
    JOIN audience a ON a.person = i.person
    WHERE i.rank = 1
    GROUP BY a.no, i.facet
),
tastes AS (
    SELECT a.no, c.code, i.facet, i.weight, i.lift, array_length(i.evidence) AS events,
           CASE WHEN array_length(i.evidence) >= 1 THEN i.evidence[1].kind END AS kind_1,
           CASE WHEN array_length(i.evidence) >= 2 THEN i.evidence[2].kind END AS kind_2,
           CASE WHEN array_length(i.evidence) >= 3 THEN i.evidence[3].kind END AS kind_3,
           CASE WHEN array_length(i.evidence) >= 1 THEN CAST(i.evidence[1].ts AS DATE) END AS day_1,
           CASE WHEN array_length(i.evidence) >= 2 THEN CAST(i.evidence[2].ts AS DATE) END AS day_2,
           CASE WHEN array_length(i.evidence) >= 3 THEN CAST(i.evidence[3].ts AS DATE) END AS day_3
    FROM interests i
    JOIN copy_codes c ON c.facet = i.facet AND c.value = lower(i.value)
    JOIN audience a ON a.person = i.person
    WHERE i.rank <= 12 AND i.weight > 0
),
rated AS (
    SELECT t.no, t.code, round(t.weight / f.top * least(t.lift, CAST(5 AS DOUBLE)), 6) AS score,
           CASE WHEN t.facet IN ('attribute', 'keyword') AND t.lift < $common THEN 0
                WHEN t.weight >= $usual * f.top AND (
                    (t.kind_1 = 'purchase' AND t.kind_2 = 'purchase' AND t.day_1 <> t.day_2)
                    OR (t.kind_1 = 'purchase' AND t.kind_3 = 'purchase' AND t.day_1 <> t.day_3)
                    OR (t.kind_2 = 'purchase' AND t.kind_3 = 'purchase' AND t.day_2 <> t.day_3)) THEN 2
                WHEN t.weight >= $liked * f.top AND (t.events >= $looks OR t.kind_1 NOT IN ('browse', 'click')
                                                     OR t.kind_2 NOT IN ('browse', 'click')) THEN 1
                ELSE 0 END AS strength
    FROM tastes t
    JOIN firsts f ON f.no = t.no AND f.facet = t.facet
    WHERE t.weight >= $least * f.top
),
answers AS (
    SELECT p.no, p.place,
           list(struct_pack(term := t.term, strength := CAST(r.strength AS INT), score := r.score)) AS likes
    FROM placed p
    JOIN rated r ON r.no = p.no
    JOIN copy_terms t ON t.item_no = p.item_no AND t.code = r.code
    WHERE p.place <= $named
    GROUP BY p.no, p.place
),
candidates AS (
    SELECT p.no, list(struct_pack(
        place := p.place, item := p.item_no, kind := c.kind, past := c.past, times := c.times, deed := c.deed,
        likes := w.likes)) AS picks
    FROM placed p
    LEFT JOIN closest c ON c.no = p.no AND c.place = p.place AND c.nth = 1
    LEFT JOIN answers w ON w.no = p.no AND w.place = p.place
    WHERE p.place <= $most
    GROUP BY p.no
),
visits AS (
    SELECT a.no, max(CASE WHEN e.kind IN ('browse', 'cart', 'search') THEN 1 ELSE 0 END) AS viewed,
           max(CASE WHEN e.kind = 'cart' AND e.ts > $lately THEN e.ts END) AS carted_at,
           max(CASE WHEN e.kind = 'purchase' THEN e.ts END) AS bought_at
    FROM shop_events e
    JOIN audience a ON a.person = e.person
    WHERE e.ts <= $now AND e.ts > $recent
    GROUP BY a.no
)
SELECT a.person, a.language, a.lifecycle, coalesce(v.viewed, 0) = 1 AS viewed,
       v.carted_at IS NOT NULL AND (v.bought_at IS NULL OR v.bought_at < v.carted_at) AS carted,
       coalesce(v.bought_at > $lately, false) AS bought, c.picks
FROM audience a
LEFT JOIN candidates c ON c.no = a.no
LEFT JOIN visits v ON v.no = a.no
