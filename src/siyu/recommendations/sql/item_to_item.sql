-- Neighbours of what a person bought and saw, weighted by how much and how lately.
WITH history AS (
    SELECT person, item, sum(weight * power(CAST(0.5 AS DOUBLE), age / $half_life)) AS weight,
           max(CASE WHEN kind = 'purchase' THEN 1 ELSE 0 END) AS bought
    FROM rec_interactions
    WHERE weight > 0 AND person BETWEEN $first AND $last
    GROUP BY person, item
),
kept AS (
    SELECT person, item, weight, bought,
           row_number() OVER (PARTITION BY person ORDER BY round(weight, 9) DESC, item) AS place
    FROM history
)
SELECT h.person, n.neighbour AS item,
       h.weight * n.cosine * CASE WHEN n.relation = 'bought' THEN CAST(1 AS DOUBLE) ELSE $seen END AS part,
       CASE WHEN n.relation = 'bought' AND h.bought = 1 THEN 'bought-together' ELSE 'similar' END AS kind,
       h.item AS past, CAST(NULL AS VARCHAR) AS facet, n.unit AS value, n.units AS count, n.lift AS number
FROM kept h
JOIN rec_neighbours n ON n.item = h.item
WHERE h.place <= $history
