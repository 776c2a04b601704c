"""The vocabulary of checks: what is checked, what came of it, and what an engine must be able to do. Pure."""

from __future__ import annotations

from guardrails.domain.checks import Check, Outcome
from guardrails.domain.findings import ContentEngine, Finding, Scan
from guardrails.domain.grounding import Context, Evidence, GroundednessEngine, Grounding, SentenceVerdict
from guardrails.domain.profiles import DEFAULT_PROFILE, CheckRules, GuardrailDirectory, Profile

__all__ = [
    "DEFAULT_PROFILE",
    "Check",
    "CheckRules",
    "ContentEngine",
    "Context",
    "Evidence",
    "Finding",
    "GroundednessEngine",
    "Grounding",
    "GuardrailDirectory",
    "Outcome",
    "Profile",
    "Scan",
    "SentenceVerdict",
]
