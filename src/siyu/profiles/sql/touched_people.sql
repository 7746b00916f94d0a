-- Every stored pseudonym of the people touched, with its number.
SELECT w.no, w.stored
FROM profile_who w
SEMI JOIN profile_touched t ON t.person_no = w.person_no
