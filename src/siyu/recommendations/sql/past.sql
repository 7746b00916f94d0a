-- What lies between a person and a product already. A later purchase outweighs an earlier return.
SELECT person, item,
       max(CASE WHEN kind = 'purchase' THEN 1 ELSE 0 END) = 1 AS bought,
       max(CASE WHEN kind = 'return' THEN 1 ELSE 0 END) = 1
           AND max(CASE WHEN kind = 'purchase' THEN 1 ELSE 0 END) = 0 AS returned,
       max(CASE WHEN kind = 'dislike' THEN 1 ELSE 0 END) = 1 AS disliked
FROM rec_interactions
WHERE kind IN ('purchase', 'return', 'dislike')
GROUP BY person, item
