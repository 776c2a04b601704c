"""Asking for evidence, and taking it away: both are on record."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from audit.domain import Change, Target
from audit.evidence import datasets_for
from audit.models import Export, ExportPart
from audit.queries import exports as queries
from audit.services.ledger import record, verb
from kernel import clock
from kernel.actor import Actor, ActorKind, Channel, Grant, Permission, Role, Source
from kernel.errors import Conflict, Invalid

KIND = "audit.export"
FORMATS = ("csv", "json", "xlsx")
LONGEST_REASON = 500


@verb("audit.export.ask")
def ask_export(
    actor: Actor,
    *,
    datasets: Sequence[str],
    formats: Sequence[str],
    as_of: datetime,
    start: datetime,
    end: datetime,
    reason: str,
) -> uuid.UUID:
    """Ask for evidence; a worker makes it. Raises Forbidden, Invalid with the bad fields.

    The rights are those of now: what the actor may read when asking is what the export holds.
    """
    actor.require_somewhere(Permission.EXPORT)
    names = [item.name for item in datasets_for(actor) if item.name in datasets]
    _refuse_what_cannot_be(names, datasets, formats, as_of=as_of, start=start, end=end, reason=reason)
    now = clock.now()
    row = Export.objects.create(
        asked_by=actor.id,
        grants=[_grant(item) for item in actor.grants],
        reason=reason.strip()[:LONGEST_REASON],
        datasets=names,
        formats=[item for item in FORMATS if item in formats],
        as_of=as_of,
        start=start,
        end=end,
        due_at=now,
        asked_at=now,
    )
    changes = [
        Change("datasets", None, row.datasets),
        Change("formats", None, row.formats),
        *(Change(name, None, getattr(row, name).isoformat()) for name in ("as_of", "start", "end")),
    ]
    record(actor, target=Target(type=KIND, id=str(row.pk)), changes=changes, reason=row.reason)
    return row.pk


@verb("audit.export.take")
def take_export(actor: Actor, export_id: uuid.UUID) -> tuple[str, Iterator[bytes]]:
    """The archive's file name and its bytes in order. Raises NotFound, Forbidden, Conflict while it is not ready."""
    row = queries.find_export(actor, export_id)
    actor.require_somewhere(Permission.EXPORT)
    if row.state != "done":
        raise Conflict(
            _("This export is not ready, or has been forgotten. Ask for it again."), code="not_ready"
        )
    record(actor, target=Target(type=KIND, id=str(row.pk)), changes=[Change("sha256", None, row.digest)])
    parts = ExportPart.objects.filter(export=row).order_by("number").values_list("data", flat=True)
    return f"tutela-{row.asked_at:%Y%m%d-%H%M}.zip", (bytes(part) for part in parts.iterator(chunk_size=1))


@verb("audit.export.finish")
def finish_export(actor: Actor, row: Export) -> None:
    """Put what came of an export on record, in the name of who asked for it."""
    changes = [
        Change("state", None, row.state),
        Change("rows", None, row.rows),
        Change("sha256", None, row.digest or None),
        Change("problem", None, row.problem or None),
    ]
    record(actor, target=Target(type=KIND, id=str(row.pk)), changes=changes)


def asker(row: Export) -> Actor:
    """Who asked, with the rights they had then, now at work through a task."""
    return Actor(
        kind=ActorKind.USER,
        id=row.asked_by,
        grants=tuple(_granted(item) for item in row.grants),
        source=Source(channel=Channel.TASK),
    )


def _grant(grant: Grant) -> dict[str, Any]:
    units = None if grant.units is None else sorted(map(str, grant.units))
    return {**asdict(grant), "role": grant.role.value, "units": units}


def _granted(said: dict[str, Any]) -> Grant:
    units = None if said["units"] is None else frozenset(uuid.UUID(item) for item in said["units"])
    return Grant(Role(said["role"]), units, read_content=said["read_content"])


def _refuse_what_cannot_be(
    names: Sequence[str],
    asked: Sequence[str],
    formats: Sequence[str],
    *,
    as_of: datetime,
    start: datetime,
    end: datetime,
    reason: str,
) -> None:
    fields: dict[str, list[object]] = {}
    if not names or len(names) < len(set(asked)):
        fields["datasets"] = [_("Choose at least one of the things that you may take away.")]
    if not formats or set(formats) - set(FORMATS):
        fields["formats"] = [_("Choose at least one format: CSV, JSON or XLSX.")]
    if as_of > clock.now():
        fields["as_of"] = [_("The state of a moment that is still to come cannot be exported.")]
    if start >= end:
        fields["end"] = [_("The period must end after it begins.")]
    if not reason.strip():
        fields["reason"] = [_("Say why: taking evidence away is on record.")]
    if fields:
        raise Invalid(_("Some fields cannot be accepted."), fields=fields)
