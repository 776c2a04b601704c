"""`/healthz` and `/readyz` of one process among several that share a port: on a loopback port of its own, on the same loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import orjson

NotReady = Callable[[], Awaitable[str | None]]

_TIMEOUT_S = 5.0
_MOST_BYTES = 8192
_WORDS = {200: "OK", 404: "Not Found", 503: "Service Unavailable"}


async def serve_probes(port: int, not_ready: NotReady) -> asyncio.Server:
    """Answer probes on the running loop, so that a loop that hangs does not look healthy.

    `/healthz`: 200. `/readyz`: 200, or 503 with the reason. Raises OSError for a taken port.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                head = await reader.readuntil(b"\r\n\r\n")
                status, body = await _answer(head, not_ready)
                writer.write(_response(status, body))
                await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            return  # whoever asked went away, or asked for nothing
        finally:
            writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", port, limit=_MOST_BYTES)


async def _answer(head: bytes, not_ready: NotReady) -> tuple[int, dict[str, str]]:
    path = head.split(b" ", 2)[1:2]
    if path == [b"/healthz"]:
        return 200, {"status": "ok"}
    if path == [b"/readyz"]:
        reason = await not_ready()
        return (
            (200, {"status": "ready"}) if reason is None else (503, {"status": "not ready", "reason": reason})
        )
    return 404, {"status": "unknown path"}


def _response(status: int, body: dict[str, str]) -> bytes:
    data = orjson.dumps(body)
    head = f"HTTP/1.1 {status} {_WORDS[status]}\r\ncontent-type: application/json\r\ncontent-length: {len(data)}\r\n"
    return head.encode() + b"connection: close\r\n\r\n" + data
