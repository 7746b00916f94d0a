-- What those of the sample who are asked bought after the cut.
SELECT e.person, e.item FROM events e
WHERE e.kind = 'purchase' AND e.ts > $cut AND e.ts <= $until AND e.item IS NOT NULL AND e.item <> ''
  AND EXISTS (SELECT 1 FROM rec_sample s WHERE s.person = e.person AND s.asked)
GROUP BY e.person, e.item
