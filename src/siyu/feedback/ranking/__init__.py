"""Ranking words before anybody has seen them: which of two texts people would rather follow, learnt from results."""
