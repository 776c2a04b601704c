"""One request on its way: sent once, its answer judged. Trying again is the exporter's business."""

from __future__ import annotations

import gzip
import math
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum
from functools import partial
from http.client import BadStatusLine, RemoteDisconnected
from typing import Any, Protocol

import requests
from google.protobuf.message import DecodeError
from google.rpc.status_pb2 import Status as RpcStatus
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from tutela import _problems
from tutela._problems import Problem
from tutela._settings import Settings
from tutela._version import __version__

_RETRYABLE = frozenset({429, 502, 503, 504})  # OTLP 1.x: the only statuses that may be sent again
_TOO_LARGE = 413
_PROTOBUF = "application/x-protobuf"
USER_AGENT = f"tutela-python/{__version__}"


class Verdict(Enum):
    """What to do after an answer."""

    TAKEN = "taken"
    AGAIN = "again"
    SPLIT = "split"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, judged. `wait` is the pause that the server asked for in seconds; `rejected` spans were not kept."""

    verdict: Verdict
    problem: Problem | None = None
    wait: float | None = None
    rejected: int = 0
    message: str = ""


class Transport(Protocol):
    """A way to the server. Bodies are serialised `ExportTraceServiceRequest`s."""

    def send(self, body: bytes, *, timeout: float) -> Answer:
        """Send once and judge the answer. Never raises for anything that a network may do."""

    def restart(self) -> None:
        """Forget connections that a forked child shares with its parent."""

    def close(self) -> None: ...


class HttpTransport:
    """OTLP/HTTP with protobuf."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._headers = {"content-type": _PROTOBUF, "user-agent": USER_AGENT, **dict(settings.headers)}
        if settings.compression == "gzip":
            self._headers["content-encoding"] = "gzip"
        self.restart()

    def restart(self) -> None:
        self._session = session(self._settings)

    def close(self) -> None:
        self._session.close()

    def send(self, body: bytes, *, timeout: float) -> Answer:
        url = self._settings.url
        if self._settings.compression == "gzip":
            body = gzip.compress(body, compresslevel=6, mtime=0)
        try:
            response = self._post(body, timeout)
        except (OSError, ValueError) as error:  # requests lets some errors of urllib3 and of files through
            return Answer(Verdict.AGAIN, problem_of(error, url=url, timeout=timeout))
        return judge(response, url=url)

    def _post(self, body: bytes, timeout: float) -> requests.Response:
        post = partial(
            self._session.post, self._settings.url, data=body, headers=self._headers, timeout=timeout
        )
        try:
            return post(allow_redirects=False)
        except requests.ConnectionError as error:
            if isinstance(error, (requests.Timeout, requests.exceptions.SSLError)):
                raise
            # Servers close idle connections, and one may close while it is taken up again: that is no outage.
            return post(allow_redirects=False)


def session(settings: Settings) -> requests.Session:
    """A session with the certificates of the settings. Proxies come from the environment, as requests reads it."""
    made = requests.Session()
    made.verify = settings.certificate or True
    if settings.client_certificate:
        pair = (settings.client_certificate, settings.client_key)
        made.cert = pair if settings.client_key else settings.client_certificate
    made.auth = _leave_authorization_alone
    return made


def _leave_authorization_alone(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stand in the place of authentication, so that a .netrc file cannot put its own header over the key."""
    return request


def judge(response: requests.Response, *, url: str) -> Answer:
    """What an HTTP response means for the batch that it answers."""
    status = response.status_code
    if 200 <= status < 300:  # the class of successes, as RFC 9110 numbers it
        return _judge_success(response, url)
    problem = _problems.of_status(status, url=url, said=said_by(response))
    if status in _RETRYABLE:
        return Answer(Verdict.AGAIN, problem, wait=retry_after(response.headers.get("retry-after", "")))
    return Answer(Verdict.SPLIT if status == _TOO_LARGE else Verdict.REFUSED, problem)


def _judge_success(response: requests.Response, url: str) -> Answer:
    if _problems.is_page(response.headers.get("content-type", "")):
        return Answer(Verdict.REFUSED, _problems.of_page(url))
    try:
        reply = ExportTraceServiceResponse.FromString(response.content)
    except DecodeError:
        return Answer(Verdict.TAKEN)  # the status decides; a body in another format says nothing more
    return partially(reply)


def partially(reply: ExportTraceServiceResponse) -> Answer:
    """The answer inside a successful reply, which may still say that some spans were not kept."""
    partial = reply.partial_success
    return Answer(Verdict.TAKEN, rejected=max(partial.rejected_spans, 0), message=partial.error_message)


def said_by(response: requests.Response) -> str:
    """The server's own words about a failure: google.rpc.Status in protobuf or JSON, else nothing."""
    content_type = response.headers.get("content-type", "")
    try:
        if content_type.startswith(_PROTOBUF):
            return str(RpcStatus.FromString(response.content).message)
        if content_type.startswith("application/json"):
            return _message_in(response.json())
    except (DecodeError, ValueError):
        return ""
    return ""


def _message_in(body: Any) -> str:
    message = body.get("message", body.get("detail", "")) if isinstance(body, dict) else ""
    return message if isinstance(message, str) else ""


def retry_after(text: str) -> float | None:
    """Seconds to wait from a Retry-After header, which holds seconds or a date; None when it says nothing usable."""
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def problem_of(error: Exception, *, url: str, timeout: float) -> Problem:
    """The problem behind a request that got no answer."""
    if isinstance(error, requests.exceptions.SSLError):
        return _problems.tls(url, _words(_innermost(error)))
    if isinstance(error, requests.exceptions.Timeout):
        return _problems.timed_out(url, timeout)
    cause = _innermost(error)
    if isinstance(cause, BadStatusLine) and not isinstance(cause, RemoteDisconnected):
        return _problems.not_http(url)
    return _problems.unreachable(url, _words(cause))


def _words(error: BaseException) -> str:
    text = "".join(character if character.isprintable() else " " for character in str(error))
    return " ".join(text.split())[:200] or type(error).__name__


def _innermost(error: BaseException) -> BaseException:
    """The innermost cause, which is the part that people can read."""
    seen = {id(error)}
    while (inner := _inner(error)) is not None and id(inner) not in seen:
        seen.add(id(inner))
        error = inner
    return error


def _inner(error: BaseException) -> BaseException | None:
    nested = getattr(error, "reason", None)
    candidates = (nested, *error.args, error.__cause__, error.__context__)
    return next((item for item in candidates if isinstance(item, BaseException)), None)
