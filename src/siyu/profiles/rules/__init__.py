"""Association rules: which things are bought together, how sure that is, and which rules say nothing new."""
