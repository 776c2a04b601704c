"""Bodies undone: one gzip member, never more bytes than it announces, never more than the limit."""

from __future__ import annotations

import zlib

from telemetry.domain import Reason
from telemetry.receiver.limits import MAX_INFLATED_BYTES, MIB
from telemetry.receiver.refused import Refused, undecodable

Body = bytes | bytearray

_GZIP_ONLY = 16 + zlib.MAX_WBITS
_STEP_BYTES = 256 * 1024
_SMALLEST_GZIP = 18
GZIP_MAGIC = b"\x1f\x8b"
_MOST_TO_ONE = 1032
"""Deflate at its best says 258 bytes in two bits: a body that announces more than that was cut short, or lies."""


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


def announced_size(body: bytes) -> int:
    """The inflated size that the last four bytes of a gzip member announce.

    Raises Refused when it is over the limit, or more than so many bytes can hold.
    """
    if len(body) < _SMALLEST_GZIP or not body.startswith(GZIP_MAGIC):
        raise undecodable("The body is not gzip, though its Content-Encoding says so.")
    size = int.from_bytes(body[-4:], "little")
    if size > len(body) * _MOST_TO_ONE:
        raise undecodable("The gzip body is cut short: it announces more than it can hold.")
    if size > MAX_INFLATED_BYTES:
        raise Refused(
            Reason.TOO_LARGE,
            f"The body inflates to more than {MAX_INFLATED_BYTES // MIB} MiB. Send smaller batches.",
        )
    return size


def inflate(body: bytes) -> bytearray:
    """The gzip body undone.

    Exactly the announced number of bytes is ever held: what inflates to more lies, and is refused at that point; what
    inflates to less, is damaged or holds more than one member is refused as well.
    """
    inflated = bytearray(announced_size(body))
    filled = 0
    machine = zlib.decompressobj(_GZIP_ONLY)
    data = body
    try:
        while not machine.eof:
            part = machine.decompress(data, _STEP_BYTES)
            data = machine.unconsumed_tail
            if filled + len(part) > len(inflated) or not (part or data or machine.eof):
                raise undecodable("The gzip body does not inflate to the size that it announces.")
            inflated[filled : filled + len(part)] = part
            filled += len(part)
    except zlib.error as error:
        raise undecodable("The body is not gzip, or damaged.") from error
    if machine.unused_data or filled != len(inflated):
        raise undecodable("The gzip body holds more or less than one member; send exactly one.")
    return inflated
