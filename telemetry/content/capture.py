"""The capture mode, applied in every place where content hides."""

from __future__ import annotations

from collections.abc import Iterable

from telemetry.content.keys import ContentKeys
from telemetry.domain import MessageRow, NormalisedSpan, RecordedSpan, ResolvedSender


def capture(
    span: NormalisedSpan, *, sender: ResolvedSender, keys: ContentKeys, received_ns: int
) -> RecordedSpan:
    """The span as the store writes it: every column of `schema.spans` by name, and the messages that it names.

    Nothing of what was said is in the result beyond what `sender.capture_mode` allows. JSON columns are JSON text,
    ids and digests bytes, `day` the epoch day of the span's start. Each message is in `messages` once.
    """
    raise NotImplementedError


def distinct_messages(recorded: Iterable[RecordedSpan]) -> list[MessageRow]:
    """The messages of these spans, each once per (day, sender, message id), first come first kept.

    Give it the spans that are inserted, not those that were found to be repeats: a message comes only with a span.
    """
    distinct: dict[tuple[int, bytes, bytes], MessageRow] = {}
    for span in recorded:
        for row in span.messages:
            distinct.setdefault((row.day, row.sender_id, row.message_id), row)
    return list(distinct.values())
