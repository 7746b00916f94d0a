"""Approval by a person: what still waits for one, what somebody said, and what may therefore leave."""
