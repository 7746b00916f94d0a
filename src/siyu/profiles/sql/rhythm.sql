-- Each person's median gap, and the number of gaps. The middle one, or the mean of the two in the middle.
WITH placed AS (
    SELECT
        person,
        gap,
        row_number() OVER (PARTITION BY person ORDER BY gap) AS place,
        count(*) OVER (PARTITION BY person) AS gaps
    FROM profile_gaps
)
SELECT person, CAST(avg(gap) AS DOUBLE) AS gap_days, CAST(max(gaps) AS INT) AS gaps
FROM placed
WHERE 2 * place BETWEEN gaps AND gaps + 2
GROUP BY person
