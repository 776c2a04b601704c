from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import tutela
from conftest import KEY, attributes
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from tutela import _exporter
from tutela.cli import main

grpc = pytest.importorskip("grpc")
from google.protobuf.any_pb2 import Any
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status


class Service(trace_service_pb2_grpc.TraceServiceServicer):
    def __init__(self):
        self.requests, self.metadata, self.script = [], [], []

    def Export(self, request, context):  # noqa: N802  # the name that the protocol gives it
        self.requests.append(request)
        self.metadata.append(dict(context.invocation_metadata()))
        if self.script:
            self.script.pop(0)(context)
        return trace_service_pb2.ExportTraceServiceResponse()


@pytest.fixture
def service():
    made = Service()
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(made, server)
    made.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield made
    server.stop(0)


def abort(code, details="", *, wait=None):
    def act(context):
        if wait is not None:
            detail = Any()
            info = RetryInfo()
            info.retry_delay.FromMilliseconds(wait)
            detail.Pack(info)
            status = Status(code=code.value[0], message=details, details=[detail])
            context.set_trailing_metadata([("grpc-status-details-bin", status.SerializeToString())])
        context.abort(code, details)

    return act


def one_span(service, **options) -> tutela.Tutela:
    handle = tutela.register(service.address, KEY, protocol="grpc", site="nantes", **options)
    trace.get_tracer("host").start_span("hello").end()
    handle.force_flush(10)
    return handle


@pytest.mark.parametrize("compression", ["gzip", "none"])
def test_a_span_arrives_over_grpc_with_key_and_identity(service, compression):
    handle = one_span(service, compression=compression)
    assert (handle.status.sent, handle.status.last_error) == (1, None)
    assert service.metadata[0]["authorization"] == f"Bearer {KEY}"
    resource_spans = service.requests[0].resource_spans[0]
    assert resource_spans.scope_spans[0].spans[0].name == "hello"
    assert attributes(resource_spans.resource)["tutela.site"] == "nantes"


@pytest.mark.parametrize(
    "act",
    [
        abort(grpc.StatusCode.UNAVAILABLE, "draining"),
        abort(grpc.StatusCode.UNAVAILABLE, "draining", wait=200),
        abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "slow down", wait=200),
    ],
)
def test_a_busy_server_gets_the_span_again(service, monkeypatch, act):
    monkeypatch.setattr(_exporter, "FIRST_BACKOFF", 0.05)
    service.script.append(act)
    handle = one_span(service)
    assert handle.status.sent == 1
    assert len(service.requests) == 2


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (grpc.StatusCode.UNAUTHENTICATED, "answered 401. The server says"),
        (grpc.StatusCode.PERMISSION_DENIED, "answered 403. The server says"),
        (grpc.StatusCode.INVALID_ARGUMENT, "could not decode"),
        (grpc.StatusCode.UNIMPLEMENTED, "does not take spans"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "larger than the server accepts"),
    ],
)
def test_a_refusal_is_said_in_words_and_not_repeated(service, code, words):
    service.script.append(abort(code, "because"))
    handle = one_span(service)
    assert handle.status.failed == 1
    assert len(service.requests) == 1
    assert words in handle.status.last_error
    assert "because" in handle.status.last_error


def test_check_over_grpc_says_what_it_cannot_know(service, capsys):
    code = main(["check", "--endpoint", service.address, "--key", KEY, "--protocol", "grpc", "--wait", "5"])
    said = capsys.readouterr().out
    assert code == 0
    assert "took the test span" in said
    assert "check once more with --protocol http" in said
