"""Forgetting what is older than it may be: whole partitions on PostgreSQL, small batches on SQLite.

The class under which a row was received decides, but for a legal hold: what a held sender said is moved to the class
`hold` before its day is forgotten, whatever class it came under. The span's digest leaves the class out, so moving
changes nothing that was committed to.
"""

from __future__ import annotations

from telemetry.store.retention.forgetting import COUNT_LIMIT, Due, Forgotten, count_before, due, forget
from telemetry.store.retention.runs import Run, runs

__all__ = ["COUNT_LIMIT", "Due", "Forgotten", "Run", "count_before", "due", "forget", "runs"]
