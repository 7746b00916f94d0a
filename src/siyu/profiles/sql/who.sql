-- Stored pseudonyms, the person each stands for now, and that person's number.
SELECT stored, person, CAST(dense_rank() OVER (ORDER BY person) AS INT) AS no
FROM (
    SELECT s.person AS stored, coalesce(a.person, s.person) AS person
    FROM (SELECT DISTINCT person FROM profile_state) s
    LEFT JOIN profile_aliases a ON a.alias = s.person
) known
