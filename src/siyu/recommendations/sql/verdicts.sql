SELECT lane, veto, CAST(count(*) AS BIGINT) AS candidates FROM rec_judged GROUP BY lane, veto
