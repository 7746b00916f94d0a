"""Products as vectors: words learnt from the shop's own text and sessions, words from a file, or whole texts."""
