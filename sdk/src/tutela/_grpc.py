"""OTLP/gRPC, when grpcio is installed (`pip install tutela[grpc]`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from tutela import _problems
from tutela._problems import Problem, SettingsError
from tutela._settings import Settings
from tutela._transport import USER_AGENT, Answer, Verdict, partially

try:
    import grpc
except ImportError:  # the extra is not installed; GrpcTransport says so
    grpc = None

_METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_RETRYABLE = frozenset(
    {"CANCELLED", "DEADLINE_EXCEEDED", "ABORTED", "OUT_OF_RANGE", "UNAVAILABLE", "DATA_LOSS"}
)  # OTLP 1.x; RESOURCE_EXHAUSTED only together with RetryInfo
_AS_STATUS = {"INVALID_ARGUMENT": 400, "UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403, "UNIMPLEMENTED": 404}
_STATUS_DETAILS = "grpc-status-details-bin"


class GrpcTransport:
    """OTLP/gRPC over one channel, opened with the first request."""

    def __init__(self, settings: Settings) -> None:
        if grpc is None:
            raise SettingsError(
                _problems.of_setting(
                    "protocol",
                    "grpc needs the package grpcio, which is not installed",
                    then="pip install 'tutela[grpc]', or leave protocol at http",
                )
            )
        self._settings = settings
        self._channel: Any = None

    def restart(self) -> None:
        self._channel = None

    def close(self) -> None:
        if self._channel is not None:
            self._channel.close()

    def send(self, body: bytes, *, timeout: float) -> Answer:
        export = self._open().unary_unary(
            _METHOD, response_deserializer=ExportTraceServiceResponse.FromString
        )
        gzip = grpc.Compression.Gzip if self._settings.compression == "gzip" else None
        try:
            reply = export(body, timeout=timeout, metadata=self._settings.headers, compression=gzip)
        except grpc.RpcError as error:
            return self._judge(error, timeout)
        return partially(reply)

    def _open(self) -> Any:
        if self._channel is None:
            options = (("grpc.primary_user_agent", USER_AGENT),)
            parts = urlsplit(self._settings.url)
            if parts.scheme == "https":
                self._channel = grpc.secure_channel(parts.netloc, self._credentials(), options=options)
            else:
                self._channel = grpc.insecure_channel(parts.netloc, options=options)
        return self._channel

    def _credentials(self) -> Any:
        files = (self._settings.certificate, self._settings.client_key, self._settings.client_certificate)
        authority, key, chain = (Path(path).read_bytes() if path else None for path in files)
        return grpc.ssl_channel_credentials(authority, key, chain)

    def _judge(self, error: Any, timeout: float) -> Answer:
        name, said = error.code().name, error.details() or ""
        wait = _retry_info(error)
        if name in _RETRYABLE or wait is not None:
            return Answer(Verdict.AGAIN, self._passing(name, said, timeout), wait=wait)
        if name == "RESOURCE_EXHAUSTED":
            return Answer(Verdict.SPLIT, _problems.of_status(413, url=self._settings.url, said=said))
        return Answer(
            Verdict.REFUSED,
            _problems.of_status(_AS_STATUS.get(name, 0), url=self._settings.url, said=said or name),
        )

    def _passing(self, name: str, said: str, timeout: float) -> Problem:
        if name == "DEADLINE_EXCEEDED":
            return _problems.timed_out(self._settings.url, timeout)
        return _problems.unreachable(self._settings.url, f"{name}: {' '.join(said.split())[:200]}")


def _retry_info(error: Any) -> float | None:
    """The pause that the server asks for in seconds, from the RetryInfo in the details of the status."""
    from google.rpc.error_details_pb2 import RetryInfo
    from google.rpc.status_pb2 import Status as RpcStatus

    for key, value in error.trailing_metadata() or ():
        if key == _STATUS_DETAILS:
            for detail in RpcStatus.FromString(value).details:
                info = RetryInfo()
                if detail.Unpack(info):
                    return float(info.retry_delay.seconds + info.retry_delay.nanos / 1e9)
    return None
