"""Policies by name. A new one is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable

from siyu.domain.policy import Policy
from siyu.domain.registry import Registry

POLICIES: Registry[Callable[[], Policy]] = Registry(
    "policy",
    "siyu.policies",
    {
        "first": "siyu.feedback.policies.first:First",
        "uniform": "siyu.feedback.policies.uniform:Uniform",
    },
)
