"""Bodies undone: one gzip member at most, never more than the limit, whatever the header claims."""

from __future__ import annotations

import zlib

from telemetry.domain import Reason
from telemetry.receiver.limits import MAX_INFLATED_BYTES, MIB
from telemetry.receiver.refused import Refused, undecodable

_GZIP_ONLY = 16 + zlib.MAX_WBITS
_STEP_BYTES = 1 * MIB
GZIP_MAGIC = b"\x1f\x8b"


def encoding_is_gzip(header: str | None) -> bool:
    """Whether the Content-Encoding says gzip. Raises Refused for anything but gzip and identity."""
    name = (header or "").strip().lower()
    if name in {"", "identity"}:
        return False
    if name == "gzip":
        return True
    raise Refused(
        Reason.UNSUPPORTED_TYPE, "Content-Encoding may be gzip or identity; send the body in one of these."
    )


def inflate(body: bytes, *, limit: int = MAX_INFLATED_BYTES) -> bytes:
    """The gzip body undone, at most `limit` bytes.

    Raises Refused when it is damaged, holds more than one member, or inflates beyond the limit: no byte beyond it is
    ever made.
    """
    machine = zlib.decompressobj(_GZIP_ONLY)
    parts: list[bytes] = []
    left = limit
    data = body
    try:
        while not machine.eof:
            part = machine.decompress(data, min(left + 1, _STEP_BYTES))
            left -= len(part)
            if left < 0:
                raise Refused(
                    Reason.TOO_LARGE,
                    f"The body inflates to more than {limit // MIB} MiB. Send smaller batches.",
                )
            parts.append(part)
            data = machine.unconsumed_tail
            if not part and not data and not machine.eof:
                raise undecodable("The gzip body ends too early.")
    except zlib.error as error:
        raise undecodable("The body is not gzip, though its Content-Encoding says so.") from error
    if machine.unused_data:
        raise undecodable("The gzip body holds something after its first member; send exactly one.")
    return parts[0] if len(parts) == 1 else b"".join(parts)
