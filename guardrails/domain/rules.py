"""From the columns of a profile to the rules of the engines, and what a change of them checks again. Pure."""

from __future__ import annotations

from typing import Any

from guardrails.domain.checks import CONTENT_CHECKS, Check
from guardrails.domain.profiles import PER_MILLE, CheckRules, Profile

THRESHOLDED = frozenset({Check.PERSONAL_DATA, Check.SECRETS})
"""The checks whose findings have a score that a profile may cut. Groundedness is judged, not cut."""


def rules_of(row: Any) -> Profile:
    """The rules that a row with `<check>_enabled`, `<check>_sampling` and `<check>_threshold` stands for."""
    return Profile(tuple(_rules(row, check) for check in Check))


def _rules(row: Any, check: Check) -> CheckRules:
    given = CheckRules(
        check,
        enabled=getattr(row, f"{check.value}_enabled"),
        sampling=getattr(row, f"{check.value}_sampling"),
    )
    if check not in THRESHOLDED:
        return given
    return CheckRules(check, given.enabled, given.sampling, getattr(row, f"{check.value}_threshold"))


def rechecks(before: Profile, after: Profile) -> frozenset[Check]:
    """The checks that what was received already must go through again, because their outcome may be another.

    A check that is switched off, or asked less often, leaves what it found as it is.
    """
    return frozenset(check for check in Check if _asks_more(before.of(check), after.of(check)))


def _asks_more(before: CheckRules | None, after: CheckRules | None) -> bool:
    if after is None:
        return False
    return before is None or before.digest() != after.digest() or after.sampling > before.sampling


def of_messages(checks: frozenset[Check]) -> bool:
    """Whether any of the checks is asked of single messages."""
    return bool(checks & CONTENT_CHECKS)


__all__ = ["PER_MILLE", "THRESHOLDED", "of_messages", "rechecks", "rules_of"]
