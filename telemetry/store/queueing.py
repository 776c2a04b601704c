"""What is to be checked, written with what there is to check: a row of work per new message, one per trace to be judged.

A message is one row however many spans name it. Generations of one sender and day in one trace are one row, due when
the trace has settled; whatever is said in the trace later makes it due again, done or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any

import sqlalchemy as sa

from kernel import clock
from kernel.contracts.ingest import RetentionClass
from telemetry import schema
from telemetry.domain import ContentState, MessageRow, MessageState, RecordedSpan, SpanKind
from telemetry.store.upserts import chunks, upsert_values

Row = dict[str, Any]
Values = tuple[Any, ...]

SETTLED_AFTER_NS = 60 * clock.NANOSECONDS_PER_SECOND
"""A trace without a new span for so long is settled."""

QUEUED_DAYS = 30
"""Text of older days is about to be forgotten (that is how long the standard class keeps it) and is not queued, unless
it waits to be masked."""

KEPT_LONG = frozenset({RetentionClass.LONG, RetentionClass.HOLD})
"""Classes whose text stays longer, and is queued however old it is."""

LIVE_DAYS = 1
RECHECK = 1_000
"""Added to the priority of work that was done before: it waits for everything that was never looked at."""

_TEXT = frozenset({ContentState.FULL.value, ContentState.WAITING.value})
_WAITING = MessageState.WAITING
_LLM = SpanKind.LLM.value
_ANSWERS = '"output":'
_IDS_PER_QUERY = 400
_work = schema.check_work


def priority_of(day: int, today: int) -> int:
    """0 for what is said now; the age in days of what comes from the past, so that the newest is looked at first."""
    age = today - day
    return 0 if age <= LIVE_DAYS else age


def is_queued(day: int, retention_class: str, today: int) -> bool:
    """Whether text of this day is worth queueing."""
    return today - day <= QUEUED_DAYS or retention_class in KEPT_LONG


# ---- messages


def message_work(rows: Sequence[MessageRow], *, now_ns: int) -> list[Values]:
    """Day, sender, message, priority of the work about these messages, in their order."""
    today = clock.epoch_day(now_ns)
    found = []
    for row in rows:
        day = row.day
        if today - day <= LIVE_DAYS:
            found.append((day, row.sender_id, row.message_id, 0))
        elif row.state is _WAITING or is_queued(day, row.retention_class, today):
            found.append((day, row.sender_id, row.message_id, today - day))
    return found


def queue_messages(cursor: Any, work: Sequence[Values], *, now_ns: int) -> None:
    """Insert work about messages on SQLite, unless it is there. Sorted by key."""
    for part in chunks(work):
        cursor.execute(_queueing(len(part), now_ns), list(chain.from_iterable(part)))


def _queueing(rows: int, now_ns: int) -> str:
    return _queueing_text(rows).replace("$now", str(now_ns))


@cache
def _queueing_text(rows: int) -> str:
    values = ",".join(["('message',?,?,?,'pending',?,$now,0,$now)"] * rows)
    return (
        "INSERT INTO check_work (kind,day,sender_id,subject,state,priority,due_ns,attempts,queued_ns) "  # noqa: S608  # question marks only
        f"VALUES {values} ON CONFLICT DO NOTHING"
    )


POSTGRES_MESSAGES = """
WITH fresh AS (
  INSERT INTO messages ({names}) SELECT {names} FROM stage_messages ON CONFLICT DO NOTHING
  RETURNING day, sender_id, message_id, retention_class, state
)
INSERT INTO check_work (kind, day, sender_id, subject, state, priority, due_ns, attempts, queued_ns)
SELECT 'message', day, sender_id, message_id, 'pending',
  CASE WHEN %(today)s - day <= {live} THEN 0 ELSE %(today)s - day END, %(now)s, 0, %(now)s
FROM fresh WHERE %(today)s - day <= {queued} OR retention_class IN ({long}) OR state = 'waiting'
ON CONFLICT DO NOTHING
""".replace("{live}", str(LIVE_DAYS)).replace("{queued}", str(QUEUED_DAYS))
"""Messages out of the stage into their table, and work about those that were new, in one statement."""


def postgres_messages(names: str) -> str:
    """The statement with the columns of `messages` in it."""
    long = ",".join(f"'{word.value}'" for word in sorted(KEPT_LONG))
    return POSTGRES_MESSAGES.replace("{names}", names).replace("{long}", long)


# ---- traces


def queue_traces(connection: sa.Connection, inserted: Sequence[RecordedSpan], *, now_ns: int) -> None:
    """Queue the traces in which these spans answered something, and make those due again in which they said more."""
    columns = [span.columns for span in inserted]
    queue_generations(connection, columns, now_ns=now_ns)
    reopen(connection, [span for span in columns if _adds_context(span)], now_ns=now_ns)


def queue_generations(connection: sa.Connection, spans: Iterable[Row], *, now_ns: int) -> None:
    """One row for each day, sender and trace with a generation whose text is kept."""
    today = clock.epoch_day(now_ns)
    keys = sorted(
        {
            (span["day"], span["sender_id"], span["trace_id"])
            for span in spans
            if is_generation(span) and is_queued(span["day"], RetentionClass(span["retention_class"]), today)
        }
    )
    due_ns = now_ns + SETTLED_AFTER_NS
    upsert_values(
        connection,
        _work,
        [
            ("trace", *key, "pending", priority_of(key[0], today), due_ns, 0, None, None, now_ns, None)
            for key in keys
        ],
    )


def is_generation(span: Row) -> bool:
    """Whether the span holds an answer of a model, as text that is kept."""
    return (
        span["kind"] == _LLM
        and span["content_state"] in _TEXT
        and span["content"] is not None
        and _ANSWERS in span["content"]
    )


def _adds_context(span: Row) -> bool:
    return span["content"] is not None and span["content_state"] in _TEXT and not is_generation(span)


def reopen(connection: sa.Connection, spans: Sequence[Row], *, now_ns: int) -> None:
    """Make the work on these spans' traces due again, whoever's generations they are and whatever state it is in."""
    days = sorted({span["day"] + more for span in spans for more in (-1, 0, 1)})
    for senders, trace_ids in _by_senders(connection, sorted({span["trace_id"] for span in spans})).items():
        connection.execute(
            sa.update(_work)
            .where(
                _work.c.kind == "trace",
                _work.c.day.in_(days),
                _work.c.sender_id.in_(senders),
                _work.c.subject.in_(trace_ids),
                _work.c.state != "dead",
                _work.c.due_ns < now_ns + SETTLED_AFTER_NS,
            )
            .values(opened_again(_work, due_ns=now_ns + SETTLED_AFTER_NS, queued_ns=now_ns))
        )


def _by_senders(
    connection: sa.Connection, trace_ids: Sequence[bytes]
) -> dict[tuple[bytes, ...], list[bytes]]:
    """The traces by the senders that speak in them."""
    facets = schema.trace_facets
    senders: dict[bytes, set[bytes]] = {}
    for start in range(0, len(trace_ids), _IDS_PER_QUERY):
        part = trace_ids[start : start + _IDS_PER_QUERY]
        query = sa.select(facets.c.trace_id, facets.c.sender_id).where(facets.c.trace_id.in_(part))
        for trace_id, sender_id in connection.execute(query):
            senders.setdefault(bytes(trace_id), set()).add(bytes(sender_id))
    found: dict[tuple[bytes, ...], list[bytes]] = {}
    for trace_id, ids in senders.items():
        found.setdefault(tuple(sorted(ids)), []).append(trace_id)
    return found


def opened_again(table: Any, *, due_ns: Any, queued_ns: Any) -> dict[str, Any]:
    """What changes in a row of work that is opened again: a done one starts anew, an open one waits longer.

    Whoever holds it under a lease holds it no more: what it writes stays, but the work is not done.
    """
    done = table.c.state == "done"
    return {
        "state": "pending",
        "due_ns": due_ns,
        "attempts": sa.case((done, 0), else_=table.c.attempts),
        "queued_ns": sa.case((done, queued_ns), else_=table.c.queued_ns),
        "lease": None,
        "finished_ns": None,
    }
