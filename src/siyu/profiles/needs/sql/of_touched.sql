-- The events of people with news.
SELECT k.person, k.kind, k.ts, k.effective_ts, k.item, k.quantity, k.amount
FROM needs_known k
SEMI JOIN needs_touched t ON t.person = k.person
