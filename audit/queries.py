"""Reading the ledger, as values."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from audit.domain import Change, read_disclosure
from audit.models import Disclosure, Event


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event as pages and exports show it. An erased or withheld field is None."""

    id: uuid.UUID
    time: datetime
    action: str
    outcome: str
    actor_kind: str
    actor_id: str
    actor_label: str | None
    target_type: str
    target_id: str
    target_label: str | None
    reason: str | None
    changes: tuple[Change, ...]
    channel: str
    request_id: str | None
    ip_prefix: str | None


def history(target_type: str, target_id: str, *, limit: int = 50, offset: int = 0) -> list[RecordedEvent]:
    """What happened to one thing, newest first."""
    rows = Event.objects.filter(target_type=target_type, target_id=target_id).order_by("-time", "-id")
    return _read(rows[offset : offset + limit])


def count_history(target_type: str, target_id: str) -> int:
    """How many events one thing has."""
    return Event.objects.filter(target_type=target_type, target_id=target_id).count()


def histories(targets: Collection[tuple[str, str]], *, limit: int = 50) -> list[RecordedEvent]:
    """What happened to several things, by (type, id), in one story: newest first. Two queries."""
    by_type: defaultdict[str, list[str]] = defaultdict(list)
    for target_type, target_id in targets:
        by_type[target_type].append(target_id)
    wanted = Q(pk__in=[])
    for target_type, target_ids in by_type.items():
        wanted |= Q(target_type=target_type, target_id__in=target_ids)
    return _read(Event.objects.filter(wanted).order_by("-time", "-id")[:limit])


def _read(rows: Iterable[Event]) -> list[RecordedEvent]:
    events = list(rows)
    disclosed: dict[uuid.UUID, dict[str, Any]] = {event.id: {} for event in events}
    for item in Disclosure.objects.filter(event__in=[event.id for event in events]):
        name, value = read_disclosure(item.disclosure)
        disclosed[item.event_id][name] = value
    return [_value(event, disclosed[event.id]) for event in events]


def _value(event: Event, fields: dict[str, Any]) -> RecordedEvent:
    body = json.loads(bytes(event.body))
    return RecordedEvent(
        id=event.id,
        time=event.time,
        action=event.action,
        outcome=event.outcome,
        actor_kind=event.actor_kind,
        actor_id=event.actor_id,
        actor_label=fields.get("actor.label"),
        target_type=event.target_type,
        target_id=event.target_id,
        target_label=fields.get("target.label"),
        reason=fields.get("reason"),
        changes=tuple(_change(change, fields) for change in body["changes"]),
        channel=body["source"]["channel"],
        request_id=body["source"].get("request_id"),
        ip_prefix=body["source"].get("ip_prefix"),
    )


def _change(change: dict[str, Any], fields: dict[str, Any]) -> Change:
    path = change["path"]
    return Change(
        path,
        change.get("before", fields.get(f"changes.{path}.before")),
        change.get("after", fields.get(f"changes.{path}.after")),
    )
