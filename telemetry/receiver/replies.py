"""Answers in the request's own type: export responses and google.rpc.Status, as protobuf or JSON."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from telemetry.domain import Signal
from telemetry.receiver.refused import Refused

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
RETRY_INFO_TYPE = "type.googleapis.com/google.rpc.RetryInfo"
_REJECTED = {
    Signal.TRACES: "rejectedSpans",
    Signal.LOGS: "rejectedLogRecords",
    Signal.METRICS: "rejectedDataPoints",
}


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a good request. A partial success is only said when there is something to say."""

    rejected: int = 0
    message: str = ""


def export_response(accepted: Accepted, *, signal: Signal, json: bool) -> bytes:
    """Export{Trace,Logs,Metrics}ServiceResponse; the three are alike: partial_success {1: rejected, 2: message}."""
    if json:
        return orjson.dumps(_partial_json(accepted, signal))
    if not accepted.rejected and not accepted.message:
        return b""
    return _bytes_field(1, _int_field(1, accepted.rejected) + _bytes_field(2, accepted.message.encode()))


def _partial_json(accepted: Accepted, signal: Signal) -> dict[str, object]:
    if not accepted.rejected and not accepted.message:
        return {}
    partial = {_REJECTED[signal]: str(accepted.rejected), "errorMessage": accepted.message}
    return {"partialSuccess": partial}


def status(code: int, message: str, *, json: bool, retry_after_s: int | None = None) -> bytes:
    """google.rpc.Status {1: code, 2: message, 3: details}, with RetryInfo where repeating helps."""
    if json:
        body: dict[str, object] = {"code": code, "message": message}
        if retry_after_s is not None:
            body["details"] = [{"@type": RETRY_INFO_TYPE, "retryDelay": f"{retry_after_s}s"}]
        return orjson.dumps(body)
    encoded = _int_field(1, code) + _bytes_field(2, message.encode())
    if retry_after_s is not None:
        retry_info = _bytes_field(1, _int_field(1, retry_after_s))  # RetryInfo {1: Duration {1: seconds}}
        encoded += _bytes_field(3, _bytes_field(1, RETRY_INFO_TYPE.encode()) + _bytes_field(2, retry_info))
    return encoded


def refusal(refused: Refused, *, json: bool) -> bytes:
    """The body of a refusal."""
    codes = refused.codes
    return status(codes.grpc, refused.message, json=json, retry_after_s=codes.retry_after_s)


def _int_field(number: int, value: int) -> bytes:
    return b"" if value == 0 else _varint(number << 3) + _varint(value)


def _bytes_field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
