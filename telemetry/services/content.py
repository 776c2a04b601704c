"""Reading what was said. The only door to content, and every passing is on record before anything is handed out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from audit.domain import Change, Target
from audit.services import record as record_event
from audit.services import verb
from kernel.actor import Actor, Permission
from kernel.errors import Invalid, NotFound, Thing
from telemetry.content import KeyPurpose, open_message
from telemetry.domain import Message, MessageRow, MessageState
from telemetry.queries.bounds import TimeRange
from telemetry.queries.spans import SpanWhole, find_span, messages_of
from telemetry.queries.traces import sender_ids_of
from telemetry.services.estate import Estate, load_estate
from telemetry.services.record import reading

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Opened:
    """A message that may be read, or the state in which it is kept from everybody."""

    message: Message | None
    state: MessageState | None


@dataclass(frozen=True, slots=True)
class ReadContent:
    """A span with its messages by hex id. An id without a message is kept as an id only."""

    span: SpanWhole
    messages: dict[str, Opened]


class _NoKeys:
    """Keys are for waiting text, which is the scanner's alone; asking for one here is a defect."""

    def key(self, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:
        raise PermissionError(
            f"the key {purpose.value!r} of day {day} is not for readers ({sender_id.hex()})"
        )


@verb("telemetry.content.read")
def read_content(
    actor: Actor,
    *,
    trace_id: bytes,
    span_id: bytes,
    time: TimeRange,
    day: int | None = None,
    also: Sequence[str] = (),
    reason: str,
) -> ReadContent:
    """What was said in one span. Raises NotFound, Forbidden (which is put on record too), Invalid without a reason.

    `also` names further messages (hex ids) of the span's own sender and day, such as the sources of its answer.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid(
            _("Say why you need to read this: the reason goes into the audit trail."),
            fields={"reason": [_("A reason is needed.")]},
        )
    with reading() as connection:
        estate = load_estate(connection, actor, sender_ids=sender_ids_of(connection, trace_id))
        span = find_span(connection, trace_id, span_id, time=time, day=day, visible=estate.visible)
        if span is None:
            raise NotFound(
                _("There is no such span, or it belongs to a unit whose telemetry you may not read.")
            )
        resolution = estate.resolution(span.sender_id, span.columns["start_ns"])
        unit_id = resolution.unit_id if resolution else None
        thing = Thing("span", f"{trace_id.hex()}/{span_id.hex()}", unit_id)
        actor.require(Permission.CONTENT_READ, unit=unit_id, thing=thing)
        rows = messages_of(connection, span, also=also)
    deployment = resolution.deployment_name if resolution else None
    record_event(
        actor,
        target=Target(type=thing.type, id=thing.id, unit_id=thing.unit_id),
        changes=(Change("messages", None, len(rows)), Change("deployment", None, deployment)),
        reason=reason[:LONGEST_REASON],
    )
    return ReadContent(span, {id_: _open(row) for id_, row in rows.items()})


def _open(row: MessageRow) -> Opened:
    if row.state is MessageState.WAITING:
        return Opened(None, row.state)
    return Opened(open_message(row, keys=_NoKeys()), row.state)


def may_read_content(actor: Actor, estate: Estate, span: SpanWhole) -> bool:
    """Whether `read_content` would open this span for the actor; the page asks before it offers to."""
    resolution = estate.resolution(span.sender_id, span.columns["start_ns"])
    return actor.may(Permission.CONTENT_READ, unit=resolution.unit_id if resolution else None)
