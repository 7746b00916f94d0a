-- A number for every stored pseudonym that has none yet: those of new events, and those that aliases stand for.
SELECT CAST($known + row_number() OVER (ORDER BY f.stored) AS INT) AS no, f.stored
FROM (
    SELECT person AS stored FROM profile_new WHERE person IS NOT NULL
    UNION
    SELECT person AS stored FROM profile_aliases WHERE person IS NOT NULL
) f
ANTI JOIN profile_known k ON k.stored = f.stored
