-- History of every slot, in each language on its own (a translation does not end the original). At one moment the value seen most often is taken; a value equal to the one before it is the
-- same fact; a fact ends when the next one of its slot was observed. With `frequent`, a title holds until another one
-- has been seen more often so far: what is known later never changes what was in force earlier.
WITH observed AS (
    SELECT item, slot, value, number, unit, language, source, bucket, moment, n
    FROM catalogue_observed
    WHERE refused IS NULL
    UNION ALL
    SELECT item, slot, value, number, unit, language, source,
        CASE WHEN $by_day THEN CAST(date_trunc('day', observed_at) AS TIMESTAMP) ELSE observed_at END, observed_at, 1
    FROM catalogue_stored
    WHERE NOT ($frequent AND slot = 'title' AND source IN $files)
), merged AS (
    SELECT item, slot, language, CASE WHEN number IS NULL THEN value END AS worded, number, unit, bucket,
        min(value) AS value, min(source) AS source, min(moment) AS moment, sum(n) AS n
    FROM observed
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), ranked AS (
    SELECT *,
        row_number() OVER (PARTITION BY item, slot, language, bucket ORDER BY n DESC, number DESC, value, unit) AS place,
        sum(n) OVER (PARTITION BY item, slot, language, value, number, unit ORDER BY bucket
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS so_far
    FROM merged
), raced AS (
    SELECT *, coalesce(max(so_far) OVER (PARTITION BY item, slot, language ORDER BY bucket, so_far DESC, value, number, unit
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS best_before
    FROM ranked
), chosen AS (
    SELECT *, row_number() OVER (PARTITION BY item, slot, language ORDER BY bucket) AS step
    FROM raced
    WHERE CASE WHEN $frequent AND slot = 'title' THEN so_far > best_before ELSE place = 1 END
), compared AS (
    SELECT *,
        lag(value) OVER (PARTITION BY item, slot, language ORDER BY step) AS value_before,
        lag(number) OVER (PARTITION BY item, slot, language ORDER BY step) AS number_before,
        lag(unit) OVER (PARTITION BY item, slot, language ORDER BY step) AS unit_before
    FROM chosen
), changed AS (
    SELECT *
    FROM compared
    WHERE step = 1 OR unit <> unit_before
        OR CASE WHEN number IS NULL OR number_before IS NULL THEN value <> value_before
            ELSE number <> number_before END
)
SELECT item, slot, value, CAST(number AS DOUBLE) AS number, unit, language, source,
    moment AS observed_at, moment AS valid_from,
    lead(moment) OVER (PARTITION BY item, slot, language ORDER BY step) AS valid_until
FROM changed
