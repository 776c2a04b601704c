"""Which of the spans of a transaction own their calls, and what that changes about spans that are stored already.

Nearly every call has one witness, and nearly every trace comes whole: such spans are judged without asking anything.
The database is asked, for all spans of the transaction together, which of their traces were there before and which
answers of models others have seen too; only those traces are read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from kernel import clock
from telemetry import schema
from telemetry.domain import ContentState
from telemetry.pricing.owners import (
    MOST_BEARERS,
    SAME_ANSWER_NS,
    Key,
    Verdict,
    judge,
    key_of,
    needs_judging,
    owns_by_default,
    strong_id,
)
from telemetry.store import sums

Row = dict[str, Any]

_MOST_ROUNDS = 8
"""So many steps from trace to trace over the ids of answers; a longer chain is no call."""
_AT_ONCE = 400
_LOCK = 0x74757465_6C610001
"""The number of our advisory lock on PostgreSQL."""

_spans, _known = schema.spans, schema.call_witnesses
_NAMES = (
    "day", "trace_id", "span_id", "parent_span_id", "sender_id", "start_ns", "duration_ns", "kind", "status",
    "observation_point", "provider", "model", "endpoint_address", "environment", "response_id", "usage_is_aggregate",
    *sums.TOKEN_COLUMNS, "inference_units", "cost_reported_nano_usd", "content_state", "cost_nano_usd", "cost_status",
    "cost_basis",
)  # fmt: skip
_READ = [_spans.c[name] for name in _NAMES]


@dataclass(slots=True)
class Ownership:
    """Who owns, where that is not the default; and the stored spans for which it has changed."""

    verdicts: dict[Key, Verdict] = field(default_factory=dict)
    flips: list[tuple[Row, bool]] = field(default_factory=list)  # stored spans, and whether they own now
    states: list[Row] = field(default_factory=list)  # rows of call_witnesses to write
    reread: dict[bytes, list[Row]] = field(default_factory=dict)  # traces whose totals must be made anew

    def owns(self, row: Row) -> bool:
        """Whether the span's tokens and cost are in the sums."""
        if self.verdicts:
            verdict = self.verdicts.get(key_of(row))
            if verdict is not None:
                return verdict.owns
        return owns_by_default(row)


def one_at_a_time(connection: sa.Connection) -> None:
    """Let no other process judge until this transaction ends. SQLite has one writer anyhow.

    Whoever waits here sees afterwards what the other has stored, so that two witnesses of one call, coming at once
    through two processes, are both known to whoever comes second.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def settle(connection: sa.Connection, inserted: Sequence[Row], *, now_ns: int) -> Ownership:
    """Judge the spans just inserted, and whatever stored span they bear on."""
    traces: dict[bytes, list[Row]] = {}
    for row in inserted:
        traces.setdefault(row["trace_id"], []).append(row)
    stored = _Stored(connection, traces, now_ns=now_ns)
    stored.find()
    judged = [row for rows in stored.complete.values() for row in rows]
    judged += [row for trace_id, rows in traces.items() if stored.must_judge(trace_id, rows) for row in rows]
    return _compare(connection, judge(judged), judged, stored, now_ns=now_ns) if judged else Ownership()


class _Stored:
    """What the record already holds about the traces of a transaction and about the answers they name."""

    def __init__(self, connection: sa.Connection, traces: Mapping[bytes, list[Row]], *, now_ns: int) -> None:
        self._connection = connection
        self._latest_ns = now_ns + clock.NANOSECONDS_PER_DAY  # no span begins later, whatever ends later
        self._traces = traces
        self._asked: set[str] = set()
        self._new = {key_of(row) for rows in traces.values() for row in rows}
        self._shared: set[bytes] = (
            set()
        )  # traces of this transaction that name an answer which others name too
        self.complete: dict[bytes, list[Row]] = {}  # traces that were there before, every span of them

    def find(self) -> None:
        """Read every stored trace that these spans bear on."""
        self._read(self._older(self._traces))
        # A span that names no answer may bear on one that does: what is stored of its trace is asked about as well.
        rows = [row for found in (self._traces, self.complete) for rows in found.values() for row in rows]
        for _ in range(_MOST_ROUNDS):
            linked = self._linked(rows)
            self._shared |= linked & self._traces.keys()
            found = linked - self._traces.keys() - self.complete.keys()
            if not found:
                return
            before = set(self.complete)
            self._read(self._older(found))
            rows = [row for trace in self.complete.keys() - before for row in self.complete[trace]]

    def must_judge(self, trace_id: bytes, rows: Collection[Row]) -> bool:
        """Whether a trace that came whole with this transaction needs judging."""
        return trace_id not in self.complete and (trace_id in self._shared or needs_judging(rows))

    def is_new(self, row: Row) -> bool:
        return key_of(row) in self._new

    def _older(self, trace_ids: Iterable[bytes]) -> dict[bytes, tuple[int, int]]:
        """Those of the traces that are stored, with the moments between which their spans begin."""
        table = schema.traces
        found: dict[bytes, tuple[int, int]] = {}
        for part in _parts(sorted(trace_ids)):
            query = sa.select(table.c.trace_id, table.c.start_ns, table.c.end_ns)
            rows = self._connection.execute(query.where(table.c.trace_id.in_(part)))
            found.update({bytes(row[0]): (row[1], row[2]) for row in rows})
        return found

    def _read(self, traces: Mapping[bytes, tuple[int, int]]) -> None:
        if not traces:
            return
        moments = [row["start_ns"] for rows in self._traces.values() for row in rows]
        first = min(*(begun for begun, _ in traces.values()), *moments)
        last = max(*(min(ended, self._latest_ns) for _, ended in traces.values()), *moments)
        self.complete.update({trace_id: [] for trace_id in traces})
        for part in _parts(sorted(traces)):
            query = sa.select(*_READ).where(_spans.c.trace_id.in_(part), _between(_days(first, last)))
            for values in self._connection.execute(query):
                row = dict(zip(_NAMES, values, strict=True))
                self.complete[row["trace_id"]].append(row)

    def _linked(self, rows: Iterable[Row]) -> set[bytes]:
        """The traces of those who name the same answers as these spans."""
        asked = {answer: row for row in rows if (answer := strong_id(row)) and answer not in self._asked}
        if not asked:
            return set()
        self._asked |= asked.keys()
        moments = [row["start_ns"] for row in asked.values()]
        within = _days(min(moments) - SAME_ANSWER_NS, max(moments) + SAME_ANSWER_NS)
        linked: set[bytes] = set()
        for part in _parts(self._borne_by_several(sorted(asked), within)):
            found = self._connection.execute(
                sa.select(_spans.c.trace_id)
                .where(_spans.c.response_id.in_(part), _between(within))
                .distinct()
            )
            linked |= {bytes(trace_id) for trace_id in found.scalars()}
        return linked

    def _borne_by_several(self, answers: Sequence[str], within: tuple[int, int]) -> list[str]:
        """Those of the ids that at least two stored spans bear, and not so many that the id means nothing."""
        new: dict[str, int] = {}
        for rows in self._traces.values():
            for row in rows:
                answer = strong_id(row)
                if answer is not None:
                    new[answer] = new.get(answer, 0) + 1
        enough = MOST_BEARERS + 1 + max(new.values(), default=0)
        found: list[str] = []
        for part in _parts(answers):
            counted = _bearers(self._connection, part, within, enough)
            found += [answer for answer, count in counted if count - new.get(answer, 0) <= MOST_BEARERS]
        return found


def _bearers(
    connection: sa.Connection, answers: Sequence[str], days: tuple[int, int], enough: int
) -> list[tuple[str, int]]:
    """Ids that several spans bear, and how many, counted no further than `enough`: an id may be a constant.

    Written out for each engine: SQLAlchemy would take longer to say it than the engine to answer.
    """
    count = (
        "SELECT answer, (SELECT count(*) FROM (SELECT 1 FROM spans WHERE response_id = answer "  # noqa: S608  # numbers only
        f"AND day BETWEEN {days[0]} AND {days[1]} LIMIT {enough}) AS found) AS bearers FROM "
    )
    cursor = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        marks = ",".join(["(?)"] * len(answers))
        cursor.execute(
            f"WITH given(answer) AS (VALUES {marks}) SELECT answer, bearers FROM ({count} given) WHERE bearers > 1",  # noqa: S608  # question marks only
            list(answers),
        )
    else:
        cursor.execute(
            f"SELECT answer, bearers FROM ({count} unnest(%s::text[]) AS given(answer)) AS counted WHERE bearers > 1",  # noqa: S608  # numbers only
            [list(answers)],
        )
    found = [(answer, bearers) for answer, bearers in cursor.fetchall()]
    cursor.close()
    return found


def _days(first_ns: int, last_ns: int) -> tuple[int, int]:
    return clock.epoch_day(first_ns), clock.epoch_day(last_ns)


def _between(days: tuple[int, int]) -> sa.ColumnElement[bool]:
    """Days as literals: PostgreSQL then looks into no other partition."""
    return _spans.c.day.between(sa.literal_column(str(days[0])), sa.literal_column(str(days[1])))


def _compare(
    connection: sa.Connection,
    verdicts: Mapping[Key, Verdict],
    judged: Sequence[Row],
    stored: _Stored,
    *,
    now_ns: int,
) -> Ownership:
    found = Ownership(reread=dict(stored.complete))
    before = states_of(connection, stored.complete)
    for row in judged:
        key = key_of(row)
        verdict = verdicts.get(key)
        if verdict is None:
            continue
        was = None if stored.is_new(row) else before.get(key, Verdict(owns=owns_by_default(row)))
        if verdict.owns != owns_by_default(row):
            found.verdicts[key] = verdict
        if was is not None and was.owns != verdict.owns:
            found.flips.append((row, verdict.owns))
        if was != verdict and (key in found.verdicts or key in before):
            found.states.append(_state(key, verdict, now_ns))
    found.states.sort(key=lambda state: (state["trace_id"], state["span_id"], state["day"]))
    return found


def _state(key: Key, verdict: Verdict, now_ns: int) -> Row:
    owner = verdict.owner or (None, None, 0)
    return {
        "trace_id": key[0],
        "span_id": key[1],
        "day": key[2],
        "owns": verdict.owns,
        "owner_trace_id": owner[0],
        "owner_span_id": owner[1],
        "received_ns": now_ns,
    }


def states_of(connection: sa.Connection, trace_ids: Collection[bytes]) -> dict[Key, Verdict]:
    """What was decided about spans of these traces, where it is not the default."""
    found: dict[Key, Verdict] = {}
    for part in _parts(sorted(trace_ids)):
        for row in connection.execute(sa.select(_known).where(_known.c.trace_id.in_(part))):
            owner = None
            if row.owner_trace_id is not None:
                owner = (bytes(row.owner_trace_id), bytes(row.owner_span_id), row.day)
            found[bytes(row.trace_id), bytes(row.span_id), row.day] = Verdict(owns=row.owns, owner=owner)
    return found


def shown_content(connection: sa.Connection, rows: Iterable[Row]) -> dict[Key, str]:
    """Where the content of these spans is added up, for those whose content came after them."""
    logs = schema.span_logs
    silent = [row for row in rows if row["content_state"] == ContentState.NOT_CAPTURED]
    found: dict[Key, str] = {}
    for part in _parts(sorted({row["trace_id"] for row in silent})):
        query = (
            sa.select(logs.c.trace_id, logs.c.span_id, logs.c.day, logs.c.content_state)
            .where(
                logs.c.trace_id.in_(part),
                logs.c.joined == "late",
                logs.c.content_state.is_not(None),
                logs.c.content_state != ContentState.NOT_CAPTURED.value,
            )
            .order_by(logs.c.received_ns, logs.c.log_digest)
        )
        for row in connection.execute(query):
            found.setdefault((bytes(row[0]), bytes(row[1]), row[2]), row[3])
    return found


def _parts(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
