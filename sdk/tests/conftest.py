"""A real OTLP receiver on loopback, and a fresh OpenTelemetry for each test."""

from __future__ import annotations

import gzip
import json
import logging
import os
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.util._once import Once
from tutela import _register
from tutela._keys import checksum

_BODY = "ttl_ep_pAuL0001_" + "k" * 43
KEY = f"{_BODY}_{checksum(_BODY)}"
PROTOBUF = "application/x-protobuf"


@dataclass
class Reply:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0


@dataclass
class Taken:
    path: str
    headers: dict[str, str]
    request: ExportTraceServiceRequest
    at: float


class Receiver:
    """Answers with the next scripted reply, then with 200. Spans of a request count as stored when it answered 200."""

    def __init__(self) -> None:
        self.script: deque[Reply] = deque()
        self.taken: list[Taken] = []
        self.spans: list = []
        self.resources: list[dict] = []
        self.pages: dict[str, tuple[int, object]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.lookup: dict | None = None
        self.judge = None
        self.release = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def reply_to(self, taken: Taken) -> Reply:
        with self._lock:
            self.taken.append(taken)
            reply = self.script.popleft() if self.script else (self.judge(taken) if self.judge else Reply())
            if 200 <= reply.status < 300:
                self._store(taken.request)
        self.release.wait(reply.delay)
        return reply

    def _store(self, request: ExportTraceServiceRequest) -> None:
        for resource_spans in request.resource_spans:
            for scope_spans in resource_spans.scope_spans:
                self.spans += scope_spans.spans
                self.resources += [attributes(resource_spans.resource)] * len(scope_spans.spans)

    def answer_get(self, path: str, headers: dict[str, str]) -> tuple[int, object]:
        self.asked.append((path, headers))
        if path.startswith("/v1/spans/") and self.lookup is not None:
            *_, trace_id, span_id = path.split("/")
            ids = {(span.trace_id.hex(), span.span_id.hex()) for span in self.spans}
            return (200, self.lookup) if (trace_id, span_id) in ids else (404, {"found": False})
        return self.pages.get(path, (404, {"message": "no such page"}))

    def names(self) -> list[str]:
        return [span.name for span in self.spans]

    def stop(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()


def attributes(thing) -> dict:
    """The attributes of a span, event or resource as a plain dict."""
    return {item.key: _plain(item.value) for item in thing.attributes}


def _plain(value):
    which = value.WhichOneof("value")
    if which == "array_value":
        return [_plain(item) for item in value.array_value.values]
    return getattr(value, which) if which else None


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            headers = {name.lower(): value for name, value in self.headers.items()}
            taken = Taken(self.path, headers, ExportTraceServiceRequest.FromString(body), time.monotonic())
            reply = receiver.reply_to(taken)
            if reply.status < 0:
                self.close_connection = True
                return
            self._answer(reply.status, reply.body, {"content-type": PROTOBUF, **reply.headers})

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, page = receiver.answer_get(self.path, headers)
            if isinstance(page, str):
                self._answer(status, page.encode(), {"content-type": "text/html; charset=utf-8"})
            else:
                self._answer(status, json.dumps(page).encode(), {"content-type": "application/json"})

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            try:
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # the sender has gone away, which some tests want

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def partial_success(rejected: int, message: str) -> Reply:
    response = ExportTraceServiceResponse()
    response.partial_success.rejected_spans = rejected
    response.partial_success.error_message = message
    return Reply(body=response.SerializeToString())


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def fresh(monkeypatch, caplog):
    """No settings from outside, no provider, no handle; and none left behind."""
    for name in list(os.environ):
        if name.startswith(("TUTELA_", "OTEL_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    caplog.set_level(logging.WARNING, logger="tutela")
    _forget()
    yield
    _register.current().shutdown(0)
    _forget()


def _forget() -> None:
    provider = trace._TRACER_PROVIDER
    if provider is not None and hasattr(provider, "shutdown"):
        provider.shutdown()
    trace._TRACER_PROVIDER = None
    trace._TRACER_PROVIDER_SET_ONCE = Once()
    _register._current = _register.Tutela()


def warnings(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "tutela"]


def wait_until(condition, seconds: float = 5.0) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if condition():
            return True
        time.sleep(0.01)
    return bool(condition())
