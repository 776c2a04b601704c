"""What telemetry contributes to the global search: traces by id, sessions by id, senders by name."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel import clock
from kernel.actor import Actor, Permission
from telemetry.queries.bounds import TimeRange
from telemetry.queries.traces import TraceFilter, TraceRow, list_traces, traces_beginning_with
from telemetry.services import Known, load_estate, reading
from telemetry.tables.spans import sender_href, session_href
from telemetry.tables.words import RESOLUTION_WORDS
from ui import formats, search
from ui.search import Hit

SHORTEST_ID = 4  # hexadecimal digits
SESSIONS_BACK_NS = 90 * clock.NANOSECONDS_PER_DAY


def register_all() -> None:
    """Register every source; called once, when the app is ready."""
    read = Permission.TELEMETRY_READ
    search.register("telemetry.traces", title=gettext_lazy("Traces"), find=traces, order=60, permission=read)
    search.register(
        "telemetry.sessions", title=gettext_lazy("Sessions"), find=sessions, order=65, permission=read
    )
    search.register(
        "telemetry.senders", title=gettext_lazy("Senders"), find=senders, order=70, permission=read
    )


def traces(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Traces whose id begins with the text, if it looks like one."""
    prefix = _prefix(text)
    if prefix is None:
        return []
    with reading() as connection:
        estate = load_estate(connection, actor)
        rows = traces_beginning_with(connection, prefix, visible=estate.visible, limit=limit)
    return [_trace_hit(row) for row in rows if row.trace_id.hex().startswith(text.strip().lower())]


def _prefix(text: str) -> bytes | None:
    digits = text.strip().lower()
    if not SHORTEST_ID <= len(digits) <= 32 or not set(digits) <= set("0123456789abcdef"):
        return None
    return bytes.fromhex(digits[: len(digits) // 2 * 2])


def _trace_hit(row: TraceRow) -> Hit:
    return Hit(
        row.root_name or _("first step not received"),
        reverse("telemetry:trace", args=[row.trace_id.hex()]),
        f"{row.trace_id.hex()[:12]}… · {formats.relative(clock.from_ns(row.start_ns))}",
        "chart-no-axes-gantt",
    )


def sessions(actor: Actor, text: str, limit: int) -> list[Hit]:
    """The session of exactly this id."""
    with reading() as connection:
        estate = load_estate(connection, actor)
        wanted = TraceFilter(
            time=TimeRange.last(SESSIONS_BACK_NS), visible=estate.visible, session_id=text.strip()
        )
        rows = list_traces(connection, wanted, limit=min(limit, 1)).rows
    return [
        Hit(
            row.session_id,
            session_href(row.session_id),
            formats.relative(clock.from_ns(row.start_ns)),
            "messages-square",
        )
        for row in rows
        if row.session_id
    ]


def senders(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Senders whose name, place or id contains the text."""
    wanted = text.strip().casefold()
    with reading() as connection:
        estate = load_estate(connection, actor)
    found = [known for known in estate.seen if wanted in _searched(known)]
    return [
        Hit(
            known.sender.identity.service_name or known.sender.sender_id.hex()[:8],
            sender_href(known.sender.sender_id),
            RESOLUTION_WORDS[known.state].word,
            "radio",
        )
        for known in found[:limit]
    ]


def _searched(known: Known) -> str:
    said = known.sender.identity
    return (
        f"{said.service_namespace}/{said.service_name} {said.place} {known.sender.sender_id.hex()}".casefold()
    )
