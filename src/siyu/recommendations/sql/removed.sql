SELECT lane, veto, CAST(count(*) AS BIGINT) AS candidates
FROM (SELECT DISTINCT lane, person, item, veto FROM rec_judged) pairs
GROUP BY lane, veto
