"""`POST /api/v1/check` on granian's RSGI: the key, the limits, a place in the queue, the answer. No text in any log."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, TypeVar

import orjson
import structlog
from django.db import DatabaseError, close_old_connections

from guardrails.adapters.checking.answers import Checker
from guardrails.adapters.checking.asked import MAX_BODY_BYTES, Asked, Unusable, read
from guardrails.domain import Profile
from guardrails.domain.profiles import GuardrailDirectory
from kernel import clock
from kernel.contracts.ingest import KeyDirectory, KeyFacts, SenderIdentity
from telemetry.receiver import auth
from telemetry.receiver.refused import Refused

log = structlog.get_logger(__name__)

PATH = "/api/v1/check"
MOST_WAITING = 32
"""Requests in the process, the one being checked among them; a further one is answered 503."""
MOST_PER_KEY = 12
"""Of one key; a further one is answered 429, so that one endpoint cannot take every place."""
READ_TIMEOUT_S = 10.0
RETRY_AFTER_S = 1
LOOK_UPS = 4

T = TypeVar("T")


class Problem(Exception):
    """An answer that is no success: `application/problem+json`, RFC 9457, as the rest of the API has it."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        *,
        fields: dict[str, str] | None = None,
        again: bool = False,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.fields, self.again = fields or {}, again

    def body(self) -> bytes:
        said: dict[str, Any] = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": int(self.status),
            "code": self.code,
            "detail": self.detail,
        }
        if self.fields:
            said["errors"] = {name: [why] for name, why in self.fields.items()}
        return orjson.dumps(said)


class CheckApp:
    """The RSGI application. `checker` is None until the engines are loaded; `closing` refuses what comes new."""

    def __init__(self, *, keys: KeyDirectory, profiles: GuardrailDirectory, pepper: bytes) -> None:
        self.checker: Checker | None = None
        self.broken: str | None = None
        self.closing = False
        self._keys, self._profiles, self._pepper = keys, profiles, pepper
        self._look_ups = ThreadPoolExecutor(LOOK_UPS, thread_name_prefix="look-up")
        self._engines = ThreadPoolExecutor(1, thread_name_prefix="engines")
        self._waiting: Counter[bytes] = Counter()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        try:
            status, body = await self._route(scope, protocol)
        except Problem as problem:
            self._refuse(protocol, problem)
        except Exception as error:  # noqa: BLE001  # the last resort; its message may quote what was asked
            log.error("check.defect", error=type(error).__name__)  # noqa: TRY400
            self._refuse(protocol, _busy("Something went wrong here; the log has its kind."))
        else:
            protocol.response_bytes(status, self._headers("application/json"), body)

    def not_ready(self) -> str | None:
        """Why nothing can be checked now, in words, or None."""
        if self.closing:
            return "This process is stopping."
        return self.broken or (None if self.checker is not None else "The engines are being loaded.")

    def close(self) -> None:
        self._look_ups.shutdown(wait=False, cancel_futures=True)
        self._engines.shutdown(wait=True, cancel_futures=True)

    async def _route(self, scope: Any, protocol: Any) -> tuple[int, bytes]:
        if scope.path == PATH and scope.method == "POST":
            return 200, await self._check(scope, protocol)
        if scope.path == PATH:
            raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, "wrong_method", "Only POST is answered here.")
        if scope.path == "/healthz":
            return 200, b'{"status":"ok"}'
        if scope.path == "/readyz":
            reason = self.not_ready()
            return (
                (200, b'{"status":"ready"}')
                if reason is None
                else (503, orjson.dumps({"status": "not ready", "reason": reason}))
            )
        raise Problem(
            HTTPStatus.NOT_FOUND,
            "not_found",
            f"There is nothing at this address; checks are asked by POST at {PATH}.",
        )

    async def _check(self, scope: Any, protocol: Any) -> bytes:
        begun = time.perf_counter()
        key = await self._key(scope)
        reason, checker = self.not_ready(), self.checker
        if reason is not None or checker is None:
            raise _busy(reason or "The engines are being loaded.")
        self._take_place(key.key_id)
        try:
            asked = _read(await _body(scope, protocol))
            profile = await self._look_up(lambda: self._profile(key, asked.deployment))
            said = await asyncio.get_running_loop().run_in_executor(
                self._engines, checker.answer, asked, profile
            )
        finally:
            self._waiting[key.key_id] -= 1
            self._waiting += Counter()  # keys with nothing waiting are forgotten
        return orjson.dumps({**said, "latency_ms": round((time.perf_counter() - begun) * 1000, 1)})

    async def _key(self, scope: Any) -> KeyFacts:
        try:
            token = auth.token_of(list(scope.headers.get_all("authorization")))
            return await self._look_up(lambda: auth.authenticate(token, keys=self._keys, pepper=self._pepper))
        except Refused as refused:
            status = HTTPStatus(refused.codes.http)
            code = "not_signed_in" if status is HTTPStatus.UNAUTHORIZED else "forbidden"
            raise Problem(status, code, refused.message) from None

    def _take_place(self, key_id: bytes) -> None:
        if self._waiting[key_id] >= MOST_PER_KEY:
            detail = f"This key already has {MOST_PER_KEY} checks under way. Wait for their answers."
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "slow_down", detail, again=True)
        if self._waiting.total() >= MOST_WAITING:
            raise _busy("Too many checks wait already.")
        self._waiting[key_id] += 1

    def _profile(self, key: KeyFacts, claimed: str) -> Profile:
        """The profile of the deployment that the request names, or else the only one that the key may speak for."""
        may = key.claimable_deployments
        if claimed and may is not None and claimed not in may:
            raise Problem(HTTPStatus.FORBIDDEN, "forbidden", "This key may not speak for that deployment.")
        if not claimed and may is not None and len(may) == 1:
            (claimed,) = may
        return self._profiles.profile(SenderIdentity(key.key_id, "", "", "", "", claimed), clock.now_ns())

    async def _look_up(self, ask: Callable[[], T]) -> T:
        def asking() -> T:
            close_old_connections()
            try:
                return ask()
            finally:
                close_old_connections()

        try:
            return await asyncio.get_running_loop().run_in_executor(self._look_ups, asking)
        except DatabaseError as error:
            log.warning("check.register_away", error=type(error).__name__)
            raise _busy("The register does not answer.") from None

    def _refuse(self, protocol: Any, problem: Problem) -> None:
        headers = self._headers("application/problem+json")
        if problem.again:
            headers.append(("retry-after", str(RETRY_AFTER_S)))
        if problem.status is HTTPStatus.UNAUTHORIZED:
            headers.append(("www-authenticate", 'Bearer realm="tutela"'))
        if problem.status is HTTPStatus.METHOD_NOT_ALLOWED:
            headers.append(("allow", "POST"))
        protocol.response_bytes(int(problem.status), headers, problem.body())

    def _headers(self, kind: str) -> list[tuple[str, str]]:
        close = [("connection", "close")] if self.closing else []
        return [("content-type", kind), ("cache-control", "no-store"), *close]


def _busy(detail: str) -> Problem:
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "busy", detail, again=True)


def _read(body: bytes) -> Asked:
    try:
        return read(body)
    except Unusable as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "invalid", str(error), fields=error.fields) from None


async def _body(scope: Any, protocol: Any) -> bytes:
    """The body, never more of it than is allowed."""
    length = scope.headers.get("content-length")
    if length is not None and length.isdecimal() and int(length) > MAX_BODY_BYTES:
        raise _too_large()
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(READ_TIMEOUT_S):
            async for chunk in protocol:
                size += len(chunk)
                if size > MAX_BODY_BYTES:
                    raise _too_large()
                parts.append(chunk)
    except TimeoutError:
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, "too_slow", "The body took too long to arrive.") from None
    return b"".join(parts)


def _too_large() -> Problem:
    detail = f"A request may have {MAX_BODY_BYTES // 1024} KiB at most."
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", detail)
