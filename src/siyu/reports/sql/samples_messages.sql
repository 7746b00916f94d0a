SELECT * FROM messages WHERE message_id IN $ids
