"""How long what is kept, and who is under a legal hold."""

from __future__ import annotations

import uuid

from inventory.models import Deployment, RetentionRule
from kernel.contracts.ingest import RetentionClass
from kernel.contracts.retention import Kept, Retention


def retention() -> Retention:
    """The days now in force: the house's defaults, and what somebody decided over them. One query."""
    found = Retention()
    content, spans, sums = dict(found.content), dict(found.spans), found.sums
    for rule in RetentionRule.objects.filter(retired_at__isnull=True):
        if rule.kept == Kept.SUMS:
            sums = rule.days
        else:
            (content if rule.kept == Kept.CONTENT else spans)[RetentionClass(rule.retention_class)] = (
                rule.days
            )
    return Retention(content, spans, sums)


def held_deployments() -> frozenset[uuid.UUID]:
    """The deployments under a legal hold, retired ones included: what they said is still held."""
    rows = Deployment.objects.filter(retention_class=RetentionClass.HOLD)
    return frozenset(rows.values_list("pk", flat=True))


def version_of(kept: Kept, retention_class: RetentionClass | None) -> int:
    """The version of a rule for optimistic locking; 0 while the default holds."""
    row = _rule(kept, retention_class)
    return row.version if row else 0


def _rule(kept: Kept, retention_class: RetentionClass | None) -> RetentionRule | None:
    word = retention_class.value if retention_class else ""
    return RetentionRule.objects.filter(kept=kept.value, retention_class=word).first()
