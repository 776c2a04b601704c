"""Tables of governance: policies, violations, approvals, what is to be told. Rows are closed, never deleted."""

from __future__ import annotations

from governance.models.approvals import Approval
from governance.models.budgets import Budget
from governance.models.numbers import Counter
from governance.models.outbox import Notice
from governance.models.policies import Decision, Policy, PolicyRun, PolicyVersion, PolicyWork
from governance.models.violations import Comment, Violation, Waiver

__all__ = [
    "Approval",
    "Budget",
    "Comment",
    "Counter",
    "Decision",
    "Notice",
    "Policy",
    "PolicyRun",
    "PolicyVersion",
    "PolicyWork",
    "Violation",
    "Waiver",
]
