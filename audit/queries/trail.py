"""The events of the ledger: of one thing, of all, one whole."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet

from audit.domain import Change, read_disclosure
from audit.evidence.past import Undo
from audit.models import Disclosure, Event

_AT_ONCE = 500


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
    unit_id: uuid.UUID | None
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events of the ledger. None leaves a question open; `units` None means every unit and what has none."""

    units: frozenset[uuid.UUID] | None = None
    actor_ids: tuple[str, ...] | None = None
    target_types: tuple[str, ...] | None = None
    target_id: str | None = None
    outcomes: tuple[str, ...] | None = None
    start: datetime | None = None
    end: datetime | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands in the trail: its moment, and its id among those of the same moment."""

    time: datetime
    id: uuid.UUID


def trail(
    wanted: Wanted, *, after: Place | None = None, backwards: bool = False, limit: int = 50
) -> list[RecordedEvent]:
    """Events newest first, from behind a place (or, `backwards`, the ones right before it). Two queries."""
    rows = _wanted(wanted)
    if after is not None:
        rows = rows.filter(_newer(after) if backwards else _older(after))
    order = ("time", "id") if backwards else ("-time", "-id")
    found = _read(rows.order_by(*order)[:limit])
    return found[::-1] if backwards else found


def count_trail(wanted: Wanted, *, limit: int) -> int:
    """How many events there are, counted no further than `limit`."""
    return _wanted(wanted).order_by()[:limit].count()


def find_event(event_id: uuid.UUID, *, units: frozenset[uuid.UUID] | None) -> WholeEvent | None:
    """One event with its exact bytes, if it lies in these units (None: anywhere)."""
    row = _wanted(Wanted(units=units)).filter(pk=event_id).first()
    if row is None:
        return None
    kept = {item.digest for item in Disclosure.objects.filter(event=row)}
    body = bytes(row.body)
    named = json.loads(body)["_sd"]
    return WholeEvent(_read([row])[0], body, len(named), sum(digest not in kept for digest in named))


def bodies_of(event_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, bytes]:
    """The exact bytes of some events."""
    rows = Event.objects.filter(pk__in=event_ids).values_list("pk", "body")
    return {pk: bytes(body) for pk, body in rows}


@dataclass(frozen=True, slots=True)
class WholeEvent:
    """An event with its canonical bytes, how many fields are held apart, and how many of those were erased."""

    event: RecordedEvent
    body: bytes
    apart: int
    erased: int


def undone_since(target_type: str, moment: datetime) -> Iterator[Undo]:
    """The changes of a kind of thing since a moment, newest first: what must be undone to see it as it was then."""
    rows = Event.objects.filter(target_type=target_type, time__gt=moment, outcome="success")
    events = rows.order_by("-time", "-id").iterator(chunk_size=_AT_ONCE)
    while part := list(islice(events, _AT_ONCE)):
        for read, row in zip(_read(part), part, strict=True):
            apart = {
                change["path"] for change in json.loads(bytes(row.body))["changes"] if "before" not in change
            }
            known = _disclosed_before(row) if apart else frozenset()
            yield Undo(read.target_id, read.changes, frozenset(apart - known))


def _disclosed_before(row: Event) -> frozenset[str]:
    """The paths of an event whose values, held apart, are still there (those of an empty one never were)."""
    named = set(json.loads(bytes(row.body))["_sd"])
    kept = list(Disclosure.objects.filter(event=row))
    if len(kept) == len(named):  # nothing was erased: what is not there was empty
        return frozenset(change["path"] for change in json.loads(bytes(row.body))["changes"])
    names = (read_disclosure(item.disclosure)[0] for item in kept)
    return frozenset(
        name.removeprefix("changes.").removesuffix(".before") for name in names if name.endswith(".before")
    )


def _wanted(wanted: Wanted) -> QuerySet[Event]:
    rows = Event.objects.all()
    narrow: dict[str, Any] = {
        "unit_id__in": wanted.units,
        "actor_id__in": wanted.actor_ids,
        "target_type__in": wanted.target_types,
        "target_id": wanted.target_id,
        "outcome__in": wanted.outcomes,
        "time__gte": wanted.start,
        "time__lt": wanted.end,
    }
    rows = rows.filter(**{name: value for name, value in narrow.items() if value is not None})
    if wanted.words is not None:
        said = Q(action__icontains=wanted.words) | Q(target_id=wanted.words) | Q(request_id=wanted.words)
        rows = rows.filter(said)
    return rows


def _older(place: Place) -> Q:
    return Q(time__lt=place.time) | Q(time=place.time, id__lt=place.id)


def _newer(place: Place) -> Q:
    return Q(time__gt=place.time) | Q(time=place.time, id__gt=place.id)


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
        unit_id=event.unit_id,
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
