"""Checks by name, in the order in which they are run. A new one is one file and one line here."""

from __future__ import annotations

from siyu.copywriting.checks.port import CheckFactory
from siyu.domain.registry import Registry

CHECKS: Registry[CheckFactory] = Registry(
    "check",
    "siyu.checks",
    {
        "facts": "siyu.copywriting.checks.facts:FactsCheck",
        "homophones": "siyu.copywriting.checks.homophones:HomophonesCheck",
        "language": "siyu.copywriting.checks.language:LanguageCheck",
        "law": "siyu.copywriting.checks.law:LawCheck",
        "limits": "siyu.copywriting.checks.limits:LimitsCheck",
        "markup": "siyu.copywriting.checks.markup:MarkupCheck",
        "personal": "siyu.copywriting.checks.personal:PersonalCheck",
        "tone": "siyu.copywriting.checks.tone:ToneCheck",
    },
)
