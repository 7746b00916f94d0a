-- Of each brief, part and piece: people it was shown to, and how many of them followed a link of their message.
SELECT s.brief_id, s.part, s.piece_id, CAST(count(*) AS DOUBLE) AS shown, CAST(sum(s.followed) AS DOUBLE) AS followed
FROM shown_pieces s
GROUP BY s.brief_id, s.part, s.piece_id
