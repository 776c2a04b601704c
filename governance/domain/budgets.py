"""Budgets: whose costs they bound, how far they are spent, which threshold that reaches."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction

DEFAULT_THRESHOLDS = (50, 80, 100)
MOST_THRESHOLDS = 10
LARGEST_THRESHOLD = 1000
EXCEEDED = 100


class BudgetScope(StrEnum):
    """Whose costs a budget bounds."""

    ORGANISATION = "organisation"
    UNIT = "unit"
    SYSTEM = "system"
    DEPLOYMENT = "deployment"
    ENTITY = "entity"
    TIER = "tier"
    SITE = "site"


def per_mille(spent: Fraction | None, amount: Fraction) -> int | None:
    """How much of an amount is spent, in thousandths, rounded up: 1000 is reached, and never passed unnoticed."""
    if spent is None or amount <= 0:
        return None
    return -(-1000 * spent // amount)


def reached(thresholds: Sequence[int], spent_per_mille: int | None) -> int | None:
    """The highest threshold (per cent) that is reached; None for none, and where spending is not known."""
    if spent_per_mille is None:
        return None
    return max((one for one in thresholds if spent_per_mille >= one * 10), default=None)
