-- Blend: each model's scores over its best for that person, times its weight, summed. Then diversity: beyond so many of
-- one category, discoveries step behind the rest.
WITH best AS (
    SELECT lane, model, person, max(score) AS score FROM rec_judged WHERE veto IS NULL GROUP BY lane, model, person
),
blended AS (
    SELECT j.lane, j.person, j.item, sum(w.weight * j.score / b.score) AS score
    FROM rec_judged j
    JOIN best b ON b.lane = j.lane AND b.model = j.model AND b.person = j.person
    JOIN rec_weights w ON w.model = j.model
    WHERE j.veto IS NULL
    GROUP BY j.lane, j.person, j.item
),
placed AS (
    SELECT lane, person, item, score,
           row_number() OVER (PARTITION BY lane, person ORDER BY round(score, 9) DESC, item) AS place
    FROM blended
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
