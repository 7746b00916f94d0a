"""Intervals, tests and power from sufficient statistics. Pure functions; nothing here knows a shop.

Every reading is an :class:`~siyu.stats.estimate.Estimate` or a :class:`~siyu.stats.estimate.NotEnough`: a number that
cannot be computed is a type, never a NaN.
"""
