-- One row a person: everything the choice of product and angle needs. Lists come unordered; the ranks order them.
WITH recs AS (
    SELECT r.person, list(struct_pack(
        lane := r.lane, rank := r.rank, item := r.item, kind := r.reasons[1].kind, past := r.reasons[1].item,
        count := r.reasons[1].count)) AS recs
    FROM recommendations r
    JOIN audience a ON a.person = r.person
    WHERE r.lane IN $lanes AND r.rank <= $depth
    GROUP BY r.person
),
tags AS (
    SELECT i.person, list(struct_pack(facet := i.facet, value := i.value, score := i.weight * i.lift,
        common := i.lift < CAST(1.1 AS DOUBLE))) AS tags
    FROM interests i
    JOIN audience a ON a.person = i.person
    WHERE i.rank <= 10
    GROUP BY i.person
),
seen AS (
    SELECT e.person, max(CASE WHEN e.kind IN ('browse', 'cart', 'search') THEN 1 ELSE 0 END) AS viewed
    FROM shop_events e
    JOIN audience a ON a.person = e.person
    WHERE e.ts <= $now AND e.ts > $recent
    GROUP BY e.person
)
SELECT a.person, a.language, a.lifecycle, coalesce(s.viewed, 0) = 1 AS viewed, r.recs, t.tags
FROM audience a
LEFT JOIN recs r ON r.person = a.person
LEFT JOIN tags t ON t.person = a.person
LEFT JOIN seen s ON s.person = a.person
