SELECT segment, size, share, name_keys, features FROM segments ORDER BY size DESC, segment
