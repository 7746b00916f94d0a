-- How often people used each word: before, and in events new to this run.
SELECT word, CAST(sum(n) AS BIGINT) AS n
FROM (
    SELECT word, n FROM profile_words_before
    UNION ALL
    SELECT word, count(*) AS n
    FROM (SELECT unnest(tokens) AS word FROM profile_heard WHERE tokens IS NOT NULL) t
    WHERE word <> ''
    GROUP BY word
) w
GROUP BY word
