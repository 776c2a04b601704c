"""Tables of governance: policies, violations, approvals, what is to be told. Rows are closed, never deleted."""

from __future__ import annotations

from governance.models.numbers import Counter
from governance.models.violations import Comment, Violation, Waiver

__all__ = ["Comment", "Counter", "Violation", "Waiver"]
