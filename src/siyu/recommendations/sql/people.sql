-- One row a person with all that scoring needs: their history, their interests, what they are to be spared.
SELECT h.person, h.acts, w.interests, x.spared
FROM rec_history h
LEFT JOIN (
    SELECT n.person, list(struct_pack(value := v.code, rank := n.rank, weight := n.weight)) AS interests
    FROM rec_interests n
    JOIN rec_values v ON v.facet = n.facet AND v.value = n.value
    WHERE n.rank <= $rank AND n.weight > 0
    GROUP BY n.person
) w ON w.person = h.person
LEFT JOIN (
    SELECT e.person, list(i.code) AS spared
    FROM exclusions e JOIN rec_items i ON i.item = e.item
    GROUP BY e.person
) x ON x.person = h.person
