-- Pairs of pieces of one part, compared within the briefs that hold the two: what differs there is the draw alone.
-- gap and variance are those of Mantel and Haenszel, summed over the briefs.
WITH rivals AS (
    SELECT a.part, a.piece_id AS first, b.piece_id AS second, a.shown AS n, a.followed AS c, b.shown AS m, b.followed AS d,
           a.shown + b.shown AS people, a.followed + b.followed AS followed
    FROM shown a JOIN shown b ON a.brief_id = b.brief_id AND a.part = b.part AND a.piece_id < b.piece_id
),
judged AS (
    SELECT part, first, second, CAST(sum(n) AS DOUBLE) AS first_shown, CAST(sum(m) AS DOUBLE) AS second_shown,
           CAST(sum(people) AS DOUBLE) AS people, CAST(sum(c - n * followed / people) AS DOUBLE) AS gap,
           CAST(sum(n * m * followed * (people - followed) / (people * people * (people - 1))) AS DOUBLE) AS variance
    FROM rivals
    WHERE people > 1
    GROUP BY part, first, second
)
SELECT part, first, second, first_shown, second_shown, gap, variance
FROM judged
WHERE first_shown >= $least AND second_shown >= $least
ORDER BY people DESC, part, first, second
LIMIT $most
