-- What drives the chances of most people: of how many it is the strongest driver, upwards and downwards.
SELECT
    d.chance,
    d.name,
    CAST(sum(CASE WHEN d.effect > 0 THEN 1 ELSE 0 END) AS BIGINT) AS raises,
    CAST(sum(CASE WHEN d.effect < 0 THEN 1 ELSE 0 END) AS BIGINT) AS lowers
FROM (
    SELECT one.chance AS chance, one.name AS name, one.effect AS effect
    FROM (SELECT unnest(drivers) AS one FROM needs) listed
) d
GROUP BY d.chance, d.name
