"""Content: taken out of a span according to the capture mode, before anything is written.

recorded = capture(normalised, sender=resolved, keys=keys, received_ns=now_ns())
rows = distinct_messages(recorded_spans)          # each message once, for the spans that were really inserted
message = open_message(row, keys=keys)            # the way back: full and masked text, waiting text by its day key
"""

from __future__ import annotations

from telemetry.content.capture import capture, distinct_messages
from telemetry.content.digest import span_digest
from telemetry.content.keys import CachedKeys, ContentKeys, KeyPurpose, new_key, unwrap, wrap
from telemetry.content.messages import message_id, open_message
from telemetry.content.sealing import SealBroken, seal, unseal

__all__ = [
    "CachedKeys",
    "ContentKeys",
    "KeyPurpose",
    "SealBroken",
    "capture",
    "distinct_messages",
    "message_id",
    "new_key",
    "open_message",
    "seal",
    "span_digest",
    "unseal",
    "unwrap",
    "wrap",
]
