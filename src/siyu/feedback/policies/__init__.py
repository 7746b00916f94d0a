"""Policies: which of the eligible variants a person is shown, and how likely each was."""

from siyu.feedback.policies.table import POLICIES

__all__ = ["POLICIES"]
