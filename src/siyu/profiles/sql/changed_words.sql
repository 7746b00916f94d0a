-- Words shown in another form than at the last run.
SELECT f.word
FROM profile_forms f
JOIN profile_forms_before b ON b.word = f.word AND b.shown <> f.shown
