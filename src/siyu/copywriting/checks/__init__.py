"""Checks: what is noticed in a text. One port, one table.

A finding says what, where, how sure, why, by which rule, and what would mend it.
"""
