"""What buyers say: how they sound, learned from the shop's own ratings."""
