"""The capture mode, applied in every place where content hides.

What a mode lets through:

| place | none | hashed | redact | full |
|---|---|---|---|---|
| messages, documents, query, tool arguments and results, status and exception messages | nothing | ids | ids, text sealed | ids, text |
| attributes | the allow-list | the allow-list | the allow-list | the allow-list |
| URLs | scheme, host, port | the same | the same | and the path |
| operation, tier, unit, outcome; scope | if a word; if made like code | the same | the same | as sent |
| address of the endpoint | host and port | the same | the same | the same |
| names of models, agents, tools, data sources | as sent | as sent | as sent | as sent |
| span name | if it is made like code, else operation and target | the same | the same | as sent |
| user id | keyed hash | keyed hash | keyed hash | keyed hash |
| session and other ids | if made by a machine, else keyed hash | the same | the same | as sent |
| the sender's own id of a document | no | no | sealed | yes |
"""

from __future__ import annotations

from collections.abc import Iterable

from kernel import clock
from kernel.contracts.ingest import CaptureMode
from telemetry.content import columns as columns_of
from telemetry.content.digest import span_digest
from telemetry.content.keep import keep
from telemetry.content.keys import ContentKeys
from telemetry.domain import MessageRow, NormalisedSpan, RecordedSpan, ResolvedSender

_FULL = CaptureMode.FULL
_NOT_PRICED = dict.fromkeys(("cost_nano_usd", "cost_status", "cost_basis", "price_id"))
"""Whoever prices calls fills these in: they are no part of what the sender said."""


def capture(
    span: NormalisedSpan, *, sender: ResolvedSender, keys: ContentKeys, received_ns: int
) -> RecordedSpan:
    """The span as the store writes it: every column of `schema.spans` by name, and the messages that it names.

    Its cost columns are empty (see `telemetry.pricing`).

    Nothing of what was said is in the result beyond what `sender.capture_mode` allows. JSON columns are JSON text,
    ids and digests bytes, `day` the epoch day of the span's start. Each message is in `messages` once.
    """
    day = clock.epoch_day(span.span.start_ns)
    kept = keep(span, sender=sender, keys=keys, day=day)
    shown = columns_of.Shown(
        full=sender.capture_mode is _FULL, keys=keys, day=day, sender_id=sender.sender_id
    )
    columns = {
        **columns_of.of_the_wire(span, shown=shown),
        **columns_of.of_the_call(span, shown=shown),
        **columns_of.of_the_ids(span, shown=shown),
        "day": day,
        "retention_class": str(sender.retention_class),
        "sender_id": sender.sender_id,
        "received_ns": received_ns,
        "capture_mode": str(sender.capture_mode),
        "content_state": str(kept.state),
        "content": kept.column,
        "flags": columns_of.flags_column(span, shown=shown),
    }
    columns["digest"] = span_digest(columns)
    columns |= _NOT_PRICED
    return RecordedSpan(columns=columns, messages=kept.messages)


def distinct_messages(recorded: Iterable[RecordedSpan]) -> list[MessageRow]:
    """The messages of these spans, each once per (day, sender, message id), first come first kept.

    Give it the spans that are inserted, not those that were found to be repeats: a message comes only with a span.
    """
    distinct: dict[tuple[int, bytes, bytes], MessageRow] = {}
    for span in recorded:
        for row in span.messages:
            distinct.setdefault((row.day, row.sender_id, row.message_id), row)
    return list(distinct.values())
