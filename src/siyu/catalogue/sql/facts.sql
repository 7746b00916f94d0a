-- History of every slot, in each language on its own (a translation does not end the original). At one moment the value
-- seen most often is taken; a value equal to the one before it is the same fact; a fact ends when the next one of its
-- slot begins, or where a NULL ends it. With `frequent`, a title holds until another one has been seen more often so
-- far: what is known later never changes what was in force earlier. What was said of a moment to come is dropped where
-- something else was said of the slot before that moment.
WITH stored AS (
    SELECT *, lead(valid_from) OVER (PARTITION BY item, slot, language ORDER BY valid_from) AS next_from
    FROM catalogue_stored
    WHERE slot <> 'derived.unit_price' AND NOT ($frequent AND slot = 'title' AND source IN $files)
), observed AS (
    SELECT item, slot, value, number, unit, language, source, bucket, moment, observed, n
    FROM catalogue_observed
    WHERE refused IS NULL
    UNION ALL
    SELECT item, slot, value, number, unit, language, source,
        CASE WHEN $by_day THEN CAST(date_trunc('day', valid_from) AS TIMESTAMP) ELSE valid_from END,
        valid_from, observed_at, 1
    FROM stored
    UNION ALL
    SELECT item, slot, CAST(NULL AS VARCHAR), CAST(NULL AS DOUBLE), unit, language, source,
        CASE WHEN $by_day THEN CAST(date_trunc('day', valid_until) AS TIMESTAMP) ELSE valid_until END,
        valid_until, observed_at, 1
    FROM stored
    WHERE valid_until IS NOT NULL AND (next_from IS NULL OR next_from <> valid_until)
        AND NOT ($frequent AND slot = 'title')
), planned AS (
    SELECT DISTINCT item, slot, language, moment, observed FROM observed WHERE moment > observed
), overtaken AS (
    SELECT DISTINCT p.item, p.slot, p.language, p.moment, p.observed
    FROM planned p
    JOIN observed o ON o.item = p.item AND o.slot = p.slot AND o.language = p.language
        AND o.observed > p.observed AND o.observed <= p.moment
), merged AS (
    SELECT o.item, o.slot, o.language,
        CASE WHEN o.slot IN ('price', 'price.list', 'stock') AND o.number IS NOT NULL THEN '' ELSE o.value END AS worded,
        o.number, o.unit, o.bucket,
        min(o.value) AS value, min(o.source) AS source, min(o.moment) AS moment, min(o.observed) AS observed,
        sum(o.n) AS n
    FROM observed o
    WHERE NOT EXISTS (
        SELECT 1 FROM overtaken x
        WHERE x.item = o.item AND x.slot = o.slot AND x.language = o.language
            AND x.moment = o.moment AND x.observed = o.observed
    )
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), ranked AS (
    SELECT *,
        row_number() OVER (PARTITION BY item, slot, language, bucket
            ORDER BY CASE WHEN value IS NULL THEN 1 ELSE 0 END, n DESC, number DESC, value, unit) AS place,
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
        lag(worded) OVER (PARTITION BY item, slot, language ORDER BY step) AS worded_before,
        lag(unit) OVER (PARTITION BY item, slot, language ORDER BY step) AS unit_before
    FROM chosen
), changed AS (
    SELECT *
    FROM compared
    WHERE CASE WHEN step = 1 THEN value IS NOT NULL
        WHEN value IS NULL OR value_before IS NULL THEN coalesce(value, value_before) IS NOT NULL
        ELSE unit <> unit_before OR worded <> worded_before
            OR (worded = '' AND number <> number_before) END
), ended AS (
    SELECT item, slot, value, CAST(number AS DOUBLE) AS number, unit, language, source,
        observed AS observed_at, moment AS valid_from,
        lead(moment) OVER (PARTITION BY item, slot, language ORDER BY step) AS valid_until
    FROM changed
)
SELECT item, slot, value, number, unit, language, source, observed_at, valid_from, valid_until
FROM ended
WHERE value IS NOT NULL
