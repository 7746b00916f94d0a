-- Every line that was written for the briefs in question.
SELECT p.brief_id, p.pieces FROM pieces p JOIN report_briefs b ON b.brief_id = p.brief_id
