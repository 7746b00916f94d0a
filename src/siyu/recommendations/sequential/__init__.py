"""Parts of the recommender that reads histories in order: sequences, a network that learns, a reader without it."""
