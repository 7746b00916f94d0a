-- How much of each return is matched now.
SELECT _key, sum(quantity) AS quantity, CAST(count(*) AS INT) AS parts FROM import_parts GROUP BY _key
