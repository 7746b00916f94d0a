"""Words: normalising, languages by script, tokens, sentiment. Knows nothing of shops, people or tables."""
