-- The events of the people drawn: by a hash of who they are, so that it is the same people every time.
SELECT k.person, k.kind, k.ts, k.effective_ts, k.item, k.quantity, k.amount
FROM needs_known k
WHERE substr(md5(concat(k.person, $seed)), 1, 8) < $below
