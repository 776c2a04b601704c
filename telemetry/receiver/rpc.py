"""OTLP over gRPC, on the loop that serves HTTP. Messages stay bytes: limits act before anything is parsed."""

from __future__ import annotations

from typing import Any

import grpc
import structlog

from telemetry.domain import Reason, Signal
from telemetry.receiver import auth, replies
from telemetry.receiver.app import STORE_AWAY, Export, Receiver
from telemetry.receiver.inflate import GZIP_MAGIC
from telemetry.receiver.limits import MAX_BODY_BYTES
from telemetry.receiver.refused import Refused

log = structlog.get_logger(__name__)

SERVICES = {
    Signal.TRACES: "opentelemetry.proto.collector.trace.v1.TraceService",
    Signal.LOGS: "opentelemetry.proto.collector.logs.v1.LogsService",
    Signal.METRICS: "opentelemetry.proto.collector.metrics.v1.MetricsService",
}
STATUS_DETAILS = "grpc-status-details-bin"
_CODES = {code.value[0]: code for code in grpc.StatusCode}
MAX_STREAMS_PER_CONNECTION = 128


def make_server(receiver: Receiver, *, reuse_port: bool) -> grpc.aio.Server:
    """The gRPC server, without a port yet.

    Decompression by gRPC itself is switched off: it knows no limit but the message's, while `inflate` stops early. A
    compressed message is recognised by gzip's first two bytes, with which no OTLP message can begin.
    """
    server = grpc.aio.server(
        options=[
            ("grpc.max_receive_message_length", MAX_BODY_BYTES),
            ("grpc.per_message_decompression", 0),
            ("grpc.so_reuseport", int(reuse_port)),
            ("grpc.max_concurrent_streams", MAX_STREAMS_PER_CONNECTION),
        ]
    )
    server.add_generic_rpc_handlers(tuple(_handler(receiver, signal) for signal in SERVICES))
    return server


def _handler(receiver: Receiver, signal: Signal) -> grpc.GenericRpcHandler:
    async def export(message: bytes, context: Any) -> bytes:
        try:
            accepted = await _take(receiver, signal, message, context)
        except Refused as refused:
            return await _abort(context, refused)
        except Exception:  # the last resort: the client must try again, and we must know
            log.exception("rpc.failed", signal=signal.value)
            return await _abort(context, Refused(Reason.STORE_UNAVAILABLE, STORE_AWAY))
        return replies.export_response(accepted, signal=signal, json=False)

    method = grpc.unary_unary_rpc_method_handler(export)
    return grpc.method_handlers_generic_handler(SERVICES[signal], {"Export": method})


async def _take(receiver: Receiver, signal: Signal, message: bytes, context: Any) -> replies.Accepted:
    with receiver.budget.lease() as lease:
        try:
            token = auth.token_of(
                [value for name, value in context.invocation_metadata() if name == "authorization"]
            )
            lease.grow(len(message))
        except Refused as refused:
            receiver.count_refusal(refused, signal=signal)
            raise
        gzip = message.startswith(GZIP_MAGIC)
        return await receiver.export(
            Export(signal=signal, token=token, body=message, gzip=gzip, json=False), lease
        )


async def _abort(context: Any, refused: Refused) -> bytes:
    details = replies.refusal(refused, json=False)
    await context.abort(
        _CODES[refused.codes.grpc], refused.message, trailing_metadata=((STATUS_DETAILS, details),)
    )
    raise AssertionError("unreachable: abort raises")
