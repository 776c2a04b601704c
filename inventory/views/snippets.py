"""The lines that send a first span to this installation."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

UNKNOWN_KEY = "ttl_ep_…"


def otlp_address(request: HttpRequest) -> str:
    """Where endpoints send their telemetry, as seen from the reader's browser."""
    host = request.get_host().rsplit(":", 1)[0]
    return f"http://{host}:{settings.TUTELA.otlp_http_port}"


def with_sdk(address: str, *, key: str = UNKNOWN_KEY, deployment: str = "") -> str:
    """The lines for our own SDK, which also says whether the span arrived."""
    claim = [f"export TUTELA_DEPLOYMENT={deployment}"] if deployment else []
    return "\n".join(
        (
            f"export TUTELA_ENDPOINT={address}",
            f"export TUTELA_KEY={key}",
            *claim,
            "# in the folder of this installation's checkout:",
            "pip install ./sdk && tutela check",
        )
    )


def with_opentelemetry(address: str, *, key: str = UNKNOWN_KEY, deployment: str = "") -> str:
    """The lines for any OpenTelemetry SDK or Collector."""
    claim = [f"export OTEL_RESOURCE_ATTRIBUTES=tutela.deployment={deployment}"] if deployment else []
    return "\n".join(
        (
            f"export OTEL_EXPORTER_OTLP_ENDPOINT={address}",
            f'export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20{key}"',
            "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            *claim,
        )
    )
