-- Stored pseudonyms that are new, or stand for somebody else than they did.
SELECT w.no, w.stored, w.person_no, k.person_no AS person_before
FROM profile_who_now w
LEFT JOIN profile_known k ON k.no = w.no
WHERE k.no IS NULL OR k.person_no <> w.person_no
