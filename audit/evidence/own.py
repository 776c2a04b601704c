"""The ledger's own dataset: the events of the period, each with its exact bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit import queries
from audit.evidence.datasets import Dataset, Scope, Table, register
from audit.queries import Place, RecordedEvent, Wanted
from kernel.actor import Permission

COLUMNS = (
    "id", "time", "action", "outcome", "actor_kind", "actor_id", "actor", "target_type", "target_id", "target", "unit_id",
    "reason", "channel", "request_id", "body_sha256", "body",
)  # fmt: skip
_AT_ONCE = 500


def register_all() -> None:
    """Called once, when the app is ready."""
    register(Dataset("audit.trail", _("Audit trail"), Permission.AUDIT_READ, trail, order=90))


def trail(scope: Scope) -> Table:
    """Every event of the period that the asker may audit, oldest last."""
    wanted = Wanted(
        units=scope.actor.units(Permission.AUDIT_READ),
        start=scope.start,
        end=min(scope.end, scope.as_of),
    )
    return Table(COLUMNS, _rows(wanted), filters={"period": "of the event’s time"})


def _rows(wanted: Wanted) -> Iterator[tuple[Any, ...]]:
    after: Place | None = None
    while part := queries.trail(wanted, after=after, limit=_AT_ONCE):
        bodies = queries.bodies_of([event.id for event in part])
        for event in part:
            yield _row(event, bodies[event.id])
        after = Place(part[-1].time, part[-1].id)


def _row(event: RecordedEvent, body: bytes) -> tuple[Any, ...]:
    return (
        str(event.id), event.time, event.action, event.outcome, event.actor_kind, event.actor_id, event.actor_label,
        event.target_type, event.target_id, event.target_label, str(event.unit_id) if event.unit_id else None, event.reason,
        event.channel, event.request_id, hashlib.sha256(body).hexdigest(), body.decode("utf-8"),
    )  # fmt: skip
