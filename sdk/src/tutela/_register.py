"""`register`: OpenTelemetry set up once, beside what is already there, without ever getting in the way of its host."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Mapping
from typing import Unpack

from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.trace import NoOpTracer, ProxyTracerProvider, Tracer

from tutela import _instrument, _prepare, _problems, _settings
from tutela._batching import BatchingProcessor
from tutela._exporter import TutelaExporter
from tutela._grpc import GrpcTransport
from tutela._problems import Problem, SettingsError
from tutela._settings import Options, Settings
from tutela._tally import Status, Tally, log
from tutela._transport import HttpTransport, Transport
from tutela._version import __version__

_MAX_ATTRIBUTES = (
    2048  # OpenInference writes a conversation as one attribute per field; OpenTelemetry's 128 cut it off
)


class Tutela:
    """The handle that `register` returns. Nothing on it raises, and nothing waits longer than it is told to."""

    def __init__(self, *, settings: Settings | None = None, problem: Problem | None = None) -> None:
        self._settings = settings
        self.tally = Tally()
        self.tally.last = problem
        self._processor: BatchingProcessor | None = None
        self._provider: trace.TracerProvider | None = None
        self.instrumented: tuple[str, ...] = ()

    def __repr__(self) -> str:
        status = self.status
        return f"<Tutela {status.state} {status.endpoint}>".replace(" >", ">")

    @property
    def enabled(self) -> bool:
        """Whether spans that end now are sent."""
        return self._processor is not None and not self._processor.closed

    @property
    def status(self) -> Status:
        """What became of the spans so far."""
        processor, counts, last = self._processor, self.tally.counts, self.tally.last
        return Status(
            state="disabled" if processor is None else "closed" if processor.closed else "sending",
            endpoint="" if self._settings is None else self._settings.url,
            sent=counts.sent,
            failed=counts.failed,
            dropped=counts.dropped,
            pending=counts.pending,
            last_error=None if last is None else str(last),
        )

    @property
    def problem(self) -> Problem | None:
        """The last error in its parts, for programs."""
        return self.tally.last

    def force_flush(self, timeout: float = 10.0) -> bool:
        """Send what waits, for at most `timeout` seconds. True when the server took all of it."""
        if self._processor is None or self._processor.closed:
            return False
        return self._processor.force_flush(int(_seconds(timeout, 10.0) * 1000))

    def shutdown(self, timeout: float | None = None) -> bool:
        """Send what waits, for at most `timeout` seconds, and stop. True when nothing was left behind.

        Happens by itself when the process ends. A host's own provider stays in use.
        """
        if self._processor is None or self._settings is None:
            return True
        atexit.unregister(self.shutdown)
        return self._processor.close(_seconds(timeout, self._settings.shutdown_timeout))

    def tracer(self) -> Tracer:
        """A tracer for spans of your own; one that does nothing when this handle does not send."""
        if self._provider is None or not self.enabled:
            return NoOpTracer()
        return self._provider.get_tracer("tutela", __version__)

    @property
    def captures(self) -> bool:
        """Whether content may leave this process."""
        return self._settings is not None and self._settings.capture != "none"

    def start(self) -> None:
        """Connect to OpenTelemetry. Raises SettingsError when that cannot be done."""
        settings = self._settings
        if settings is None:
            return
        processor = new_processor(settings, self.tally)
        self._provider = _attach(processor, settings)
        self._processor = processor
        atexit.register(self.shutdown)
        self.instrumented = _instrument.load(settings.instrument, self._provider)


_lock = threading.RLock()
_current = Tutela()


def _unlock_child() -> None:
    """A thread of the parent may have held the lock at the fork; in the child nobody would ever release it."""
    global _lock  # noqa: PLW0603  # the lock belongs to the process, as the handle does
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock_child)


def current() -> Tutela:
    """The handle in use; a disabled one before `register`."""
    return _current


def register(endpoint: str | None = None, key: str | None = None, **options: Unpack[Options]) -> Tutela:
    """Send the spans of this process to Tutela.

        import tutela
        tutela.register(endpoint="https://tutela.example:4318", key="ttl_ep_…", deployment="claims-triage/production")

    Every argument may come from the environment instead; the table in the README names the variables. Sets up
    OpenTelemetry with batching, or adds itself to the provider that the host has set. Never raises and never blocks:
    with a setting that cannot be used it logs one warning in words and returns a handle that does nothing.
    A second call returns the handle of the first.
    """
    return start(endpoint, key, options)


def start(endpoint: object, key: object, options: Mapping[str, object]) -> Tutela:
    """`register` for options that are already a mapping."""
    global _current  # noqa: PLW0603  # one process has one global provider, and so one handle
    with _lock:
        handle = _try(endpoint, key, options)
        if handle is not None:
            _current = handle
        return _current


def _try(endpoint: object, key: object, options: Mapping[str, object]) -> Tutela | None:
    """A new handle, or None when the one in use stays."""
    try:
        settings = _settings.resolve(endpoint, key, options, os.environ)
        if _current.enabled:
            _stay(settings)
            return None
        handle = Tutela(settings=settings)
        handle.start()
        _advise(settings)
    except SettingsError as error:
        return _refused(error.problem)
    except Exception as error:  # noqa: BLE001  # the host must start whatever happens here; the log says what did
        return _refused(_problems.broken(error))
    else:
        return handle


def _refused(problem: Problem) -> Tutela | None:
    kept = _current.enabled
    log.warning("%s %s", problem, "The first registration stays in use." if kept else "No spans are sent.")
    return None if kept else Tutela(problem=problem)


def _stay(settings: Settings) -> None:
    if settings != _current._settings:  # noqa: SLF001  # this module's own class
        log.warning(
            "tutela.register was called again with other settings; those of the first call stay in use (%s). "
            "Next: call it once, or shut the first handle down before",
            _current.status.endpoint,
        )


def _advise(settings: Settings) -> None:
    if not settings.keyed:
        log.warning(
            "No endpoint key was given. That is right only when a Collector in between adds it. Next: set TUTELA_KEY"
        )
    if settings.in_clear:
        log.warning(
            "The endpoint key travels unencrypted to %s. Next: use https:// outside your own machine",
            settings.url,
        )


def new_processor(settings: Settings, tally: Tally) -> BatchingProcessor:
    """The way out for spans, as the settings want it. Raises SettingsError for a protocol that is not installed."""
    transport: Transport = GrpcTransport(settings) if settings.protocol == "grpc" else HttpTransport(settings)
    identity = _prepare.identity_of(settings)

    def prepare(request: ExportTraceServiceRequest) -> None:
        _prepare.prepare(request, identity)

    exporter = TutelaExporter(
        transport, tally=tally, prepare=prepare, timeout=settings.timeout, retry_for=settings.retry_for
    )
    return BatchingProcessor(
        exporter,
        tally=tally,
        queue_size=settings.queue_size,
        batch_size=settings.batch_size,
        delay=settings.delay,
        shutdown_timeout=settings.shutdown_timeout,
    )


def _attach(processor: BatchingProcessor, settings: Settings) -> trace.TracerProvider:
    """Add the processor to the provider of the process, and set one up where there is none."""
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        raise SettingsError(
            _problems.of_setting("OTEL_SDK_DISABLED", "it switches OpenTelemetry off", then="unset it")
        )
    if isinstance(trace.get_tracer_provider(), ProxyTracerProvider):
        trace.set_tracer_provider(new_provider(settings))
    provider = trace.get_tracer_provider()  # ours, or the one that another thread has set meanwhile
    add = getattr(
        provider, "add_span_processor", None
    )  # by what it can, for some products wrap the SDK's provider
    if not callable(add):
        raise SettingsError(_foreign(provider))
    add(processor)
    return provider


def new_provider(settings: Settings) -> TracerProvider:
    """A provider with the identity of this process.

    What OTEL_RESOURCE_ATTRIBUTES says goes over what was found, and what was said to `register` over both.
    """
    identity = _prepare.identity_of(settings)
    limits = (
        None
        if "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT" in os.environ
        else SpanLimits(max_span_attributes=_MAX_ATTRIBUTES)
    )
    found = {key: value for key, value in identity.found if key != "service.name"}
    resource = Resource(found).merge(Resource.create(dict(identity.given)))
    return TracerProvider(resource=resource, span_limits=limits)


def _foreign(provider: object) -> Problem:
    kind = f"{type(provider).__module__}.{type(provider).__qualname__}"
    return Problem(
        "foreign_provider",
        "This process has a tracer provider that takes no span processors",
        f"it is a {kind}, not the provider of the OpenTelemetry SDK, and it was left as it is",
        "set the provider of opentelemetry-sdk, or send that product's OTLP output to Tutela through a Collector",
    )


def _seconds(value: object, default: float) -> float:
    """A time to wait that is one, whatever was passed."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _LONGEST:
        return default
    return float(value)


_LONGEST = 3600.0
