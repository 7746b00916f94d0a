-- Briefs nobody has written yet, each once, those of one product together. One that the offline writer stood in for is new.
SELECT c.brief_id, min(c.item) AS item, min(c.angle_facet) AS angle_facet, min(c.angle_value) AS angle_value,
       min(c.spoken) AS reason, min(c.occasion) AS occasion, min(c.language) AS language
FROM choices c
WHERE c.brief_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM pieces p WHERE p.brief_id = c.brief_id AND p.writer = $writer)
GROUP BY c.brief_id
ORDER BY item, language, c.brief_id
