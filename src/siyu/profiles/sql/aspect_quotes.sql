-- The clauses that best show each aspect of a product, good and bad ones apart: what most people say in the same words,
-- then the longer ones; one clause counts once.
WITH said AS (
    SELECT
        item,
        aspect,
        polarity,
        clause,
        CAST(length(clause) AS INT) AS long,
        CAST(count(*) AS BIGINT) AS times,
        min(event_id) AS event_id
    FROM review_mentions
    WHERE polarity <> 0 AND length(clause) BETWEEN $shortest AND $longest AND clause NOT LIKE '%[…]%'
    GROUP BY item, aspect, polarity, clause
),
ordered AS (
    SELECT
        *,
        CAST(row_number() OVER (
            PARTITION BY item, aspect, polarity ORDER BY times DESC, long DESC, clause
        ) AS INT) AS place
    FROM said
)
SELECT item, aspect, polarity, clause, event_id, place
FROM ordered
WHERE place <= $shown
ORDER BY item, aspect, polarity, place
