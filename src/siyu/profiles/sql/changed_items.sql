-- Items that say something else than at the last run, or are new or gone.
SELECT DISTINCT item
FROM (
    (SELECT item, facet, value FROM profile_said EXCEPT SELECT item, facet, value FROM profile_said_before)
    UNION ALL
    (SELECT item, facet, value FROM profile_said_before EXCEPT SELECT item, facet, value FROM profile_said)
) d
