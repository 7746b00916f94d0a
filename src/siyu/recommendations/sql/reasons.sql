-- The strongest evidence behind every recommendation, spelled with the shop's own ids.
WITH evidence AS ($evidence),
weighed AS (
    SELECT r.lane, r.person, r.item, r.score, r.place, e.model, e.kind, e.past, e.facet, e.value, e.count, e.number,
           least(round(e.part * m.factor / r.score, 9), CAST(1 AS DOUBLE)) AS share
    FROM rec_ranked r
    JOIN evidence e ON e.person = r.person AND e.item = r.item AND e.lane = r.lane
    JOIN rec_maxima m ON m.person = e.person AND m.model = e.model AND m.lane = e.lane
),
led AS (
    SELECT lane, person, item, model,
           row_number() OVER (PARTITION BY lane, person, item ORDER BY round(sum(share), 9) DESC, model) AS place
    FROM weighed
    GROUP BY lane, person, item, model
),
strongest AS (
    SELECT lane, person, item, score, place, kind, past, facet, value, count, number, share,
           row_number() OVER (
               PARTITION BY lane, person, item ORDER BY share DESC, kind, past, facet, value, model, count
           ) AS nth
    FROM weighed
)
SELECT p.person, s.place AS rank, i.item, s.lane, s.score, l.model,
       list(struct_pack(
           nth := CAST(s.nth AS INT), kind := s.kind, item := h.item, facet := s.facet, value := s.value,
           count := s.count, number := s.number, share := s.share
       )) AS reasons
FROM strongest s
JOIN led l ON l.lane = s.lane AND l.person = s.person AND l.item = s.item AND l.place = 1
JOIN rec_people p ON p.code = s.person
JOIN rec_items i ON i.code = s.item
LEFT JOIN rec_items h ON h.code = s.past
WHERE s.nth <= $reasons
GROUP BY p.person, s.place, i.item, s.lane, s.score, l.model
