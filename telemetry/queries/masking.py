"""Which spans still wait to be masked.

A span's row never changes, so it says `waiting` for ever; what is true is in its messages. A span none of whose messages
waits any more is shown as masked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from telemetry.domain import ContentState, MessageState
from telemetry.schema import messages

_IDS_PER_QUERY = 400

Place = tuple[int, bytes]
"""Day and sender."""


def waiting_among(
    connection: sa.Connection, said: Mapping[Place, Iterable[bytes]]
) -> set[tuple[int, bytes, bytes]]:
    """Which of these messages (ids by day and sender) wait to be masked."""
    found: set[tuple[int, bytes, bytes]] = set()
    for (day, sender_id), ids in said.items():
        ordered = sorted(set(ids))
        for start in range(0, len(ordered), _IDS_PER_QUERY):
            query = sa.select(messages.c.message_id).where(
                messages.c.day == day,
                messages.c.sender_id == sender_id,
                messages.c.message_id.in_(ordered[start : start + _IDS_PER_QUERY]),
                messages.c.state == MessageState.WAITING.value,
            )
            found |= {(day, sender_id, bytes(row[0])) for row in connection.execute(query)}
    return found


def shown_state(
    connection: sa.Connection, state: str, *, day: int, sender_id: bytes, ids: Iterable[bytes]
) -> str:
    """The content state of one span as it is now."""
    if state != ContentState.WAITING:
        return state
    waits = waiting_among(connection, {(day, sender_id): ids})
    return ContentState.WAITING.value if waits else ContentState.MASKED.value


def masked_spans(
    connection: sa.Connection, waiting: Mapping[tuple[int, bytes, bytes], Iterable[bytes]]
) -> set[tuple[int, bytes]]:
    """Of spans that say `waiting` (day, sender, span id → message ids): those (day, span id) that wait no more."""
    said: dict[Place, set[bytes]] = defaultdict(set)
    for (day, sender_id, _), ids in waiting.items():
        said[day, sender_id].update(ids)
    still = waiting_among(connection, said)
    return {
        (day, span_id)
        for (day, sender_id, span_id), ids in waiting.items()
        if not any((day, sender_id, id_) in still for id_ in ids)
    }
