"""The spans of one trace: all of them in brief, one of them whole, and the messages that it names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from kernel.contracts.ingest import RetentionClass
from telemetry.domain import ContentState, MessageRow, MessageState
from telemetry.pricing.owners import owns_by_default
from telemetry.queries.bounds import SenderScope, TimeRange, within
from telemetry.queries.masking import masked_spans, shown_state
from telemetry.schema import call_witnesses, messages, span_logs, spans

MAX_SPANS = 20_000
"""A trace with more spans shows its earliest ones and says so."""

MAX_MESSAGES = 500
MAX_LATE_LOGS = 50
MESSAGE_ID_BYTES = 32


@dataclass(slots=True)
class SpanBrief:
    """A line of the tree. Not frozen: twenty thousand are made for one page."""

    span_id: bytes
    day: int
    parent_span_id: bytes | None
    sender_id: bytes
    start_ns: int
    duration_ns: int
    name: str
    kind: str
    status: int
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    usage_is_aggregate: bool
    content_state: str
    flagged: bool


@dataclass(frozen=True, slots=True)
class TraceSpans:
    """The spans of a trace that the reader may see, earliest first, and what is missing from them.

    `hidden_ids` are spans of senders that the reader may not see.
    """

    spans: tuple[SpanBrief, ...]
    hidden_ids: frozenset[bytes]
    truncated: bool


_BRIEF = (
    spans.c.span_id,
    spans.c.day,
    spans.c.parent_span_id,
    spans.c.sender_id,
    spans.c.start_ns,
    spans.c.duration_ns,
    spans.c.name,
    spans.c.kind,
    spans.c.status,
    spans.c.model,
    spans.c.input_tokens,
    spans.c.output_tokens,
    spans.c.usage_is_aggregate,
    spans.c.content_state,
    (spans.c.flags != "[]").label("flagged"),
    # What a span says is read for those alone that may have been masked since.
    sa.case((spans.c.content_state == "waiting", spans.c.content)).label("content"),
)
_WAITING = ContentState.WAITING.value


def trace_spans(
    connection: sa.Connection,
    trace_id: bytes,
    *,
    time: TimeRange,
    visible: SenderScope = None,
    limit: int = MAX_SPANS,
) -> TraceSpans:
    """The spans of one trace in brief. `time` spans the trace: it tells the engine which days to open."""
    first, last = time.days
    seen = within(visible, sender=spans.c.sender_id, moment=spans.c.start_ns)
    query = (
        sa.select(*_BRIEF, sa.case((seen, 1), else_=0).label("seen"))
        .where(spans.c.trace_id == trace_id, spans.c.day.between(first, last))
        .order_by(spans.c.start_ns, spans.c.span_id)
        .limit(limit + 1)
    )
    rows = connection.execute(query).all()
    kept = rows[:limit]
    masked = _masked(connection, [row for row in kept if row.seen and row.content_state == _WAITING])
    return TraceSpans(
        spans=tuple(_brief(row, masked) for row in kept if row.seen),
        hidden_ids=frozenset(bytes(row.span_id) for row in kept if not row.seen),
        truncated=len(rows) > limit,
    )


def _masked(connection: sa.Connection, waiting: Sequence[Any]) -> set[tuple[int, bytes]]:
    """Day and id of those spans that say `waiting` and wait no more."""
    if not waiting:
        return set()
    said = {
        (row.day, bytes(row.sender_id), bytes(row.span_id)): references(row.content).all_ids()
        for row in waiting
    }
    return masked_spans(connection, said)


def _brief(row: Any, masked: set[tuple[int, bytes]]) -> SpanBrief:
    parent = row.parent_span_id
    return SpanBrief(
        bytes(row.span_id),
        row.day,
        bytes(parent) if parent else None,
        bytes(row.sender_id),
        row.start_ns,
        row.duration_ns,
        row.name,
        row.kind,
        row.status,
        row.model,
        row.input_tokens,
        row.output_tokens,
        bool(row.usage_is_aggregate),
        ContentState.MASKED.value if (row.day, row.span_id) in masked else row.content_state,
        bool(row.flagged),
    )


@dataclass(frozen=True, slots=True)
class DocumentReference:
    """A retrieved document: its message id in hex, its score as decimal text, and its name where it may be told."""

    id: str
    score: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ContentReferences:
    """What a span says by id: hex ids of messages by place, in order. Nothing of what was said is in here.

    `reference` is an address that the sender gave instead of the content.
    """

    places: tuple[tuple[str, tuple[str, ...]], ...] = ()
    documents: tuple[DocumentReference, ...] = ()
    reference: str | None = None

    def at(self, place: str) -> tuple[str, ...]:
        """The ids at one place (input, output, query, tool_arguments, tool_result, status); empty when there are none."""
        return dict(self.places).get(place, ())

    def all_ids(self) -> tuple[bytes, ...]:
        """Every message id once, as bytes, in the order of reading."""
        said = [text for _, ids in self.places for text in ids] + [document.id for document in self.documents]
        return tuple(bytes.fromhex(text) for text in dict.fromkeys(said))

    def with_more(self, other: ContentReferences) -> ContentReferences:
        """These and those of a record that came later."""
        mine, theirs = dict(self.places), dict(other.places)
        return ContentReferences(
            places=tuple(
                (place, mine.get(place, ()) + theirs.get(place, ()))
                for place in PLACES
                if place in mine or place in theirs
            ),
            documents=self.documents + other.documents,
            reference=self.reference or other.reference,
        )

    def __bool__(self) -> bool:
        return bool(self.places or self.documents)


@dataclass(frozen=True, slots=True)
class SpanWhole:
    """One span with everything the record keeps of it beside its content. `columns` is the row by column name.

    `content` and `content_state` count in what came later, as log records.
    """

    trace_id: bytes
    span_id: bytes
    day: int
    sender_id: bytes
    columns: dict[str, Any]
    attributes: dict[str, Any]
    flags: tuple[str, ...]
    content: ContentReferences
    content_state: str
    owns: bool = (
        True  # whether its tokens and cost are counted; if not, another span of the same call owns them
    )
    owner: tuple[bytes, bytes] | None = None  # that span, by trace and span id, where it is a single one


def find_span(
    connection: sa.Connection,
    trace_id: bytes,
    span_id: bytes,
    *,
    time: TimeRange,
    day: int | None = None,
    visible: SenderScope = None,
) -> SpanWhole | None:
    """One span, or None when there is none or the reader may not see it. `day` tells two of one id apart."""
    first, last = (day, day) if day is not None else time.days
    query = (
        sa.select(spans)
        .where(
            spans.c.trace_id == trace_id,
            spans.c.span_id == span_id,
            spans.c.day.between(first, last),
            within(visible, sender=spans.c.sender_id, moment=spans.c.start_ns),
        )
        .order_by(spans.c.day)
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    columns = dict(row)
    span = _whole(columns, _late_content(connection, columns))
    state = shown_state(
        connection, span.content_state, day=span.day, sender_id=span.sender_id, ids=span.content.all_ids()
    )
    owns, owner = _ownership(connection, span)
    return replace(span, content_state=state, owns=owns, owner=owner)


def _ownership(connection: sa.Connection, span: SpanWhole) -> tuple[bool, tuple[bytes, bytes] | None]:
    """Whether the span owns its call, and who does instead."""
    known = call_witnesses.c
    query = sa.select(known.owns, known.owner_trace_id, known.owner_span_id).where(
        known.trace_id == span.trace_id, known.span_id == span.span_id, known.day == span.day
    )
    row = connection.execute(query).first()
    if row is None:
        return owns_by_default(span.columns), None
    owner = None if row.owner_trace_id is None else (bytes(row.owner_trace_id), bytes(row.owner_span_id))
    return row.owns, owner


def _late_content(connection: sa.Connection, columns: dict[str, Any]) -> list[tuple[str | None, str | None]]:
    """Content state and content of log records that came after their span."""
    query = (
        sa.select(span_logs.c.content_state, span_logs.c.content)
        .where(
            span_logs.c.day == columns["day"],
            span_logs.c.trace_id == columns["trace_id"],
            span_logs.c.span_id == columns["span_id"],
            span_logs.c.content_state.is_not(None),
        )
        .order_by(span_logs.c.received_ns, span_logs.c.log_digest)
        .limit(MAX_LATE_LOGS)
    )
    return [(row.content_state, row.content) for row in connection.execute(query)]


def _whole(columns: dict[str, Any], late: Sequence[tuple[str | None, str | None]]) -> SpanWhole:
    """A stored row as a value; JSON that cannot be read is shown as empty rather than as an error."""
    content = references(columns["content"])
    state = columns["content_state"]
    for late_state, late_text in late:
        content = content.with_more(references(late_text))
        state = late_state or state
    return SpanWhole(
        trace_id=bytes(columns["trace_id"]),
        span_id=bytes(columns["span_id"]),
        day=columns["day"],
        sender_id=bytes(columns["sender_id"]),
        columns=columns,
        attributes=_json(columns["attributes"], dict),
        flags=tuple(_json(columns["flags"], list)),
        content=content,
        content_state=state,
    )


PLACES = ("input", "output", "query", "tool_arguments", "tool_result", "status")


def references(text: str | None) -> ContentReferences:
    """The `content` column as a value; what does not look like an id is left out."""
    known = _json(text, dict)
    places = ((place, _ids(known.get(place))) for place in PLACES)
    address = known.get("reference")
    return ContentReferences(
        places=tuple((place, ids) for place, ids in places if ids),
        documents=tuple(_documents(known.get("documents"))),
        reference=address if isinstance(address, str) else None,
    )


def _ids(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if _is_id(item))


def _documents(value: Any) -> Iterator[DocumentReference]:
    for item in value if isinstance(value, list) else []:
        if isinstance(item, dict) and _is_id(item.get("id")):
            yield DocumentReference(item["id"], _text(item.get("score")), _text(item.get("ref")))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _is_id(item: Any) -> bool:
    try:
        return isinstance(item, str) and len(bytes.fromhex(item)) == MESSAGE_ID_BYTES
    except ValueError:
        return False


def _json(text: str | None, shape: type) -> Any:
    try:
        value = json.loads(text) if text else shape()
    except ValueError:
        return shape()
    return value if isinstance(value, shape) else shape()


def messages_of(
    connection: sa.Connection, span: SpanWhole, *, also: Sequence[str] = (), limit: int = MAX_MESSAGES
) -> dict[str, MessageRow]:
    """The kept messages that a span names, unopened, by hex id. Asking for the right to read is the caller's.

    `also` names further ones of the same sender and day.
    """
    more = (bytes.fromhex(id_) for id_ in also[:limit])
    wanted = list(dict.fromkeys([*span.content.all_ids()[:limit], *more]))
    if not wanted:
        return {}
    query = sa.select(messages).where(
        messages.c.day == span.day,
        messages.c.sender_id == span.sender_id,
        messages.c.message_id.in_(wanted),
    )
    return {bytes(row.message_id).hex(): _message(row) for row in connection.execute(query)}


def _message(row: Any) -> MessageRow:
    return MessageRow(
        day=row.day,
        sender_id=bytes(row.sender_id),
        message_id=bytes(row.message_id),
        role=row.role,
        body=bytes(row.body),
        state=MessageState(row.state),
        retention_class=RetentionClass(row.retention_class),
    )


def data_source_uses(
    connection: sa.Connection,
    names: Sequence[str],
    *,
    time: TimeRange,
    visible: SenderScope = None,
    limit: int = 5_000,
) -> list[tuple[str, bytes, int, int]]:
    """Which senders read from these data sources: name, sender, spans, last start. Looks at the newest `limit` spans."""
    if not names:
        return []
    first, last = time.days
    newest = (
        sa.select(spans.c.data_source_id, spans.c.sender_id, spans.c.start_ns)
        .where(
            spans.c.data_source_id.in_(names),
            spans.c.start_ns >= time.start_ns,
            spans.c.start_ns < time.end_ns,
            spans.c.day.between(first, last),
            within(visible, sender=spans.c.sender_id, moment=spans.c.start_ns),
        )
        .order_by(spans.c.start_ns.desc())
        .limit(limit)
        .subquery()
    )
    query = sa.select(
        newest.c.data_source_id, newest.c.sender_id, sa.func.count(), sa.func.max(newest.c.start_ns)
    ).group_by(newest.c.data_source_id, newest.c.sender_id)
    return [(row[0], bytes(row[1]), row[2], row[3]) for row in connection.execute(query)]
