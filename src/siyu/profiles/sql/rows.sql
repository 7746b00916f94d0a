-- Histories of one bucket of people, as far as the clock has come.
SELECT no, event_id, kind, ts, effective_ts, item, quantity, unit_price, order_id, tokens, valence, channel, language
FROM profile_clustered
WHERE bucket = $bucket AND ts <= $now
