-- Every stored pseudonym with its number and the number of the person it stands for now.
SELECT n.no, n.stored, coalesce(p.no, n.no) AS person_no
FROM profile_numbers n
LEFT JOIN profile_aliases a ON a.alias = n.stored
LEFT JOIN profile_numbers p ON p.stored = a.person
