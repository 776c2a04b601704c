"""OTLP over HTTP, on granian's RSGI. Never a redirect, never a 500."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from telemetry.domain import Reason, Signal
from telemetry.receiver import auth, lookups, replies
from telemetry.receiver.app import Export, Receiver, too_large
from telemetry.receiver.budget import Lease
from telemetry.receiver.inflate import encoding_is_gzip
from telemetry.receiver.limits import (
    DRAIN_BYTES,
    DRAIN_TIMEOUT_S,
    MAX_BODY_BYTES,
    MIB,
    READ_TIMEOUT_S,
    RETRY_AFTER_STORE_S,
)
from telemetry.receiver.refused import NOT_FOUND, UNAVAILABLE, UNIMPLEMENTED, Refused
from telemetry.store import NotMigrated, StoreUnavailable

log = structlog.get_logger(__name__)

SIGNALS = {"/v1/traces": Signal.TRACES, "/v1/logs": Signal.LOGS, "/v1/metrics": Signal.METRICS}
WHERE = (
    "OTLP is taken by POST at /v1/traces, /v1/logs and /v1/metrics; there is nothing else here to send to."
)
_READ_AT_ONCE_BYTES = 256 * 1024
"""From anybody: so much is read, and leased, at once. More is only read for a key that is good."""
_READ_AT_ONCE_WITH_KEY_BYTES = 2 * MIB
"""Longer bodies come in chunks and are leased as they come, so that announcing much does not take room from others."""
_TYPES = {replies.JSON: True, replies.PROTOBUF: False}

Headers = list[tuple[str, str]]


class HttpApp:
    """The RSGI application. `active` counts requests that have no answer yet; `closing` asks clients to go elsewhere."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self.active = 0
        self.closing = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def idle(self) -> None:
        """Wait until every request has its answer."""
        await self._idle.wait()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        self.active += 1
        self._idle.clear()
        try:
            await self._route(scope, protocol)
        except Exception:  # the last resort: whatever it was, the client must try again, and we must know
            log.exception("http.failed", path=scope.path[:100])
            body = replies.status(UNAVAILABLE, "Something went wrong here; it is in the log.", json=True)
            self._send(protocol, 503, body, json=True, retry_after_s=RETRY_AFTER_STORE_S)
        finally:
            self.active -= 1
            if not self.active:
                self._idle.set()

    async def _route(self, scope: Any, protocol: Any) -> None:
        signal = SIGNALS.get(scope.path)
        if signal is not None and scope.method == "POST":
            await self._export(signal, scope, protocol)
        elif signal is not None:
            await self._drain(protocol)
            body = replies.status(UNIMPLEMENTED, f"Only POST is answered here. {WHERE}", json=True)
            self._send(protocol, 405, body, json=True, more=[("allow", "POST")])
        else:
            await self._other(scope, protocol)

    # ---- export

    async def _export(self, signal: Signal, scope: Any, protocol: Any) -> None:
        json = _media_type(scope) == replies.JSON
        with self._receiver.budget.lease() as lease:
            try:
                request = await self._read(signal, scope, protocol, lease)
            except Refused as refused:
                self._receiver.count_refusal(refused, signal=signal)
                await self._drain(protocol)
                self._refuse(protocol, refused, json=json)
                return
            try:
                accepted = await self._receiver.export(request, lease)
            except Refused as refused:
                self._refuse(protocol, refused, json=json)
                return
        self._send(protocol, 200, replies.export_response(accepted, signal=signal, json=json), json=json)

    async def _read(self, signal: Signal, scope: Any, protocol: Any, lease: Lease) -> Export:
        """Everything that can be refused from the headers, then the body. A stranger's large body is never read."""
        headers = scope.headers
        token = auth.token_of(_authorization(headers))
        json = _TYPES.get(_media_type(scope))
        if json is None:
            raise Refused(
                Reason.UNSUPPORTED_TYPE, f"Content-Type must be {replies.PROTOBUF} or {replies.JSON}."
            )
        gzip = encoding_is_gzip(headers.get("content-encoding"))
        length = _length(headers)
        if length is None or length > _READ_AT_ONCE_BYTES:
            await self._receiver.authenticate(token)
        body = await _body(protocol, length, lease)
        return Export(signal=signal, token=token, body=body, gzip=gzip, json=json)

    def _refuse(self, protocol: Any, refused: Refused, *, json: bool) -> None:
        codes = refused.codes
        more = [("www-authenticate", 'Bearer realm="tutela"')] if codes.http == 401 else []
        body = replies.refusal(refused, json=json)
        self._send(protocol, codes.http, body, json=json, retry_after_s=codes.retry_after_s, more=more)

    async def _drain(self, protocol: Any) -> None:
        """Read on what nobody wants, within bounds: a client that is cut off while it sends never sees the answer."""
        left = DRAIN_BYTES
        try:
            async with asyncio.timeout(DRAIN_TIMEOUT_S):
                async for chunk in protocol:
                    left -= len(chunk)
                    if left < 0:
                        return
        except (TimeoutError, RuntimeError):  # too slow, or gone, or read to the end before
            return

    # ---- the rest

    async def _other(self, scope: Any, protocol: Any) -> None:
        path = scope.path
        if scope.method in {"GET", "HEAD"}:
            if path == "/healthz":
                self._send(protocol, 200, b'{"status":"ok"}', json=True)
                return
            if path == "/readyz":
                await self._ready(protocol)
                return
            if path.startswith(lookups.PREFIXES):
                await self._look_up(scope, protocol)
                return
        await self._drain(protocol)
        self._send(protocol, 404, replies.status(NOT_FOUND, WHERE, json=True), json=True)

    async def not_ready(self) -> str | None:
        """Why no span can be taken in now, in words, or None."""
        try:
            await self._receiver.blocking(self._receiver.store.check_ready)
        except (StoreUnavailable, NotMigrated) as error:
            return str(error)
        return "This process is stopping." if self.closing else None

    async def _ready(self, protocol: Any) -> None:
        reason = await self.not_ready()
        if reason is None:
            self._send(protocol, 200, b'{"status":"ready"}', json=True)
        else:
            body = replies.status(UNAVAILABLE, reason, json=True)
            self._send(protocol, 503, body, json=True, retry_after_s=RETRY_AFTER_STORE_S)

    async def _look_up(self, scope: Any, protocol: Any) -> None:
        try:
            token = auth.token_of(_authorization(scope.headers))
            found = await self._receiver.blocking(lambda: lookups.answer(self._receiver, scope.path, token))
        except Refused as refused:
            self._receiver.count_refusal(refused, signal=Signal.TRACES)
            self._refuse(protocol, refused, json=True)
        except StoreUnavailable as error:
            body = replies.status(UNAVAILABLE, str(error), json=True)
            self._send(protocol, 503, body, json=True, retry_after_s=RETRY_AFTER_STORE_S)
        else:
            self._send(protocol, found.status, found.body, json=True)

    def _send(
        self,
        protocol: Any,
        status: int,
        body: bytes,
        *,
        json: bool,
        retry_after_s: int | None = None,
        more: Headers | None = None,
    ) -> None:
        headers: Headers = [("content-type", replies.JSON if json else replies.PROTOBUF)]
        if retry_after_s is not None:
            headers.append(("retry-after", str(retry_after_s)))
        if self.closing:
            headers.append(("connection", "close"))
        if more:
            headers.extend(more)
        protocol.response_bytes(status, headers, body)


def _media_type(scope: Any) -> str:
    given: str = scope.headers.get("content-type") or ""
    return given.partition(";")[0].strip().lower()


def _authorization(headers: Any) -> list[str]:
    """Every Authorization header: a second one may not hide behind the first."""
    return list(headers.get_all("authorization"))


def _length(headers: Any) -> int | None:
    """The declared length, None when the body comes in chunks. Raises Refused when it is too long to be read."""
    text = headers.get("content-length")
    if text is None or not text.isdecimal():
        return None
    length = int(text)
    if length > MAX_BODY_BYTES:
        raise too_large()
    return length


async def _body(protocol: Any, length: int | None, lease: Lease) -> bytes:
    try:
        async with asyncio.timeout(READ_TIMEOUT_S):
            if length is not None and length <= _READ_AT_ONCE_WITH_KEY_BYTES:
                lease.grow(length)
                whole: bytes = await protocol()
                return whole
            return await _chunks(protocol, lease)
    except TimeoutError:
        raise Refused(Reason.BUSY, f"The body took longer than {READ_TIMEOUT_S:.0f} s to arrive.") from None


async def _chunks(protocol: Any, lease: Lease) -> bytes:
    """The body as it comes. A refused one is read on, and thrown away: see `_drain`."""
    parts: list[bytes] = []
    size = 0
    refused: Refused | None = None
    async for chunk in protocol:
        size += len(chunk)
        if refused is None:
            refused = _objection(len(chunk), size, lease)
            parts.append(chunk)
        if refused is not None:
            parts.clear()
            lease.end()
            if size > DRAIN_BYTES:
                break
    if refused is not None:
        raise refused
    return b"".join(parts)


def _objection(chunk: int, size: int, lease: Lease) -> Refused | None:
    if size > MAX_BODY_BYTES:
        return too_large()
    try:
        lease.grow(chunk)
    except Refused as refused:
        return refused
    return None
