-- People who bought each product in the last days, for the shortest window that fills the list.
WITH buyers AS (
    SELECT w.days, x.item, count(DISTINCT x.person) AS people
    FROM (SELECT person, item, min(age) AS age FROM rec_interactions WHERE kind = 'purchase' GROUP BY person, item) x
    JOIN rec_windows w ON x.age < w.days
    JOIN rec_items i ON i.code = x.item AND i.veto IS NULL
    GROUP BY w.days, x.item
),
enough AS (
    SELECT min(days) AS days FROM (SELECT days FROM buyers GROUP BY days HAVING count(*) >= $enough) full_windows
),
longest AS (SELECT max(days) AS days FROM buyers),
chosen AS (SELECT coalesce(e.days, l.days) AS days FROM enough e CROSS JOIN longest l),
ranked AS (
    SELECT b.item, b.people, b.days, row_number() OVER (ORDER BY b.people DESC, b.item) AS place
    FROM buyers b JOIN chosen c ON c.days = b.days
)
SELECT item, CAST(people AS BIGINT) AS people, CAST(days AS DOUBLE) AS days FROM ranked WHERE place <= $kept
