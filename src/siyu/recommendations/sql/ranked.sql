-- Blend: each model's scores over its best for that person, times its weight, summed. Then diversity: beyond so many of
-- one category, discoveries step behind the rest.
WITH blended AS (
    SELECT j.lane, j.person, j.item, round(sum(m.factor * j.score), 9) AS score
    FROM rec_judged j
    JOIN rec_maxima m ON m.lane = j.lane AND m.model = j.model AND m.person = j.person
    WHERE j.veto IS NULL
    GROUP BY j.lane, j.person, j.item
),
placed AS (
    SELECT lane, person, item, score,
           row_number() OVER (PARTITION BY lane, person ORDER BY score DESC, item) AS place
    FROM blended
    WHERE score > 0
),
shelved AS (
    SELECT p.lane, p.person, p.item, p.score, p.place, i.category,
           row_number() OVER (PARTITION BY p.lane, p.person, i.category ORDER BY p.place) AS shelf
    FROM placed p JOIN rec_items i ON i.code = p.item
    WHERE p.place <= $candidates
),
ranked AS (
    SELECT lane, person, item, score,
           row_number() OVER (
               PARTITION BY lane, person
               ORDER BY CASE WHEN lane = 'discover' AND category IS NOT NULL AND shelf > $per_category THEN 1 ELSE 0 END, place
           ) AS place
    FROM shelved
)
SELECT lane, person, item, score, CAST(place AS INT) AS place FROM ranked WHERE place <= $top
