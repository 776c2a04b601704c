"""Endpoints with plain OpenTelemetry SDKs: HTTP and gRPC, and the attributes of other people's instrumentations."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from functools import partial

import requests
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode

from demo import dialects
from demo.conversations.steps import Scene, StepKind
from demo.dialects import Span
from demo.dialects.shape import OtelKind
from demo.flows import Flow, play
from demo.traffic.pace import Timetable, gap
from demo.traffic.stop import Stop
from demo.traffic.target import Target

NS_PER_MS = 1_000_000
DELAY_MS = 1000
MAX_ATTRIBUTES = 256
HOURS_WITHOUT_LINK = 20

_KINDS = {
    OtelKind.INTERNAL: SpanKind.INTERNAL,
    OtelKind.SERVER: SpanKind.SERVER,
    OtelKind.CLIENT: SpanKind.CLIENT,
}


class Endpoint:
    """One sender: a flow at a site, on a device of its own."""

    def __init__(self, flow: Flow, site: str, target: Target, rng: random.Random) -> None:
        self.flow = flow
        device = rng.randrange(flow.devices) if flow.devices else None
        self._provider = TracerProvider(
            resource=Resource(dict(flow.resource_at(site, device))),
            span_limits=SpanLimits(max_span_attributes=MAX_ATTRIBUTES),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(_exporter(flow, target), schedule_delay_millis=DELAY_MS)
        )

    def send(self, scene: Scene, *, witness: Endpoint | None, back_ms: int = 0) -> None:
        """Send a scene that has just ended, or ended so many milliseconds ago."""
        start_ns = time.time_ns() - (scene.root.duration + back_ms) * NS_PER_MS
        spans = dialects.encode(scene, self.flow.dialect)
        opened: list[trace.Span] = []
        for span in spans:
            parent = None if span.parent is None else opened[span.parent]
            opened.append(self.begin(span, parent, start_ns, self.flow.dialect))
        if witness is not None:
            for span in dialects.witness(spans):
                seen = witness.begin(span, opened[span.parent or 0], start_ns, "gateway")
                _finish(seen, span, start_ns)
        for made, span in reversed(list(zip(opened, spans, strict=True))):
            _finish(made, span, start_ns)

    def close(self) -> None:
        """Send what waits, and stop."""
        self._provider.shutdown()

    def begin(self, span: Span, parent: trace.Span | None, start_ns: int, dialect: str) -> trace.Span:
        """Open a span of this sender; its parent may be another sender's."""
        name, version = dialects.SCOPES[dialect]
        context = None if parent is None else trace.set_span_in_context(parent)
        return self._provider.get_tracer(name, version).start_span(
            span.encoded.name,
            context,
            _KINDS[span.encoded.kind],
            span.encoded.attributes,
            start_time=start_ns + span.start * NS_PER_MS,
        )


def run(flows: Iterable[Flow], target: Target, stop: Stop, *, seed: int) -> None:
    """Send for all of these flows until `stop` is set."""
    rng = random.Random(seed)
    timetable = Timetable(stop)
    endpoints = {flow.name: [Endpoint(flow, site, target, rng) for site in flow.sites] for flow in flows}
    for found in endpoints.values():
        flow = found[0].flow
        if flow.live_every_s:
            seen_by = endpoints[flow.witness][0] if flow.witness else None
            timetable.again(flow.live_every_s, partial(_converse, found, seen_by, timetable, rng), rng=rng)
    timetable.run()
    for endpoint in (one for found in endpoints.values() for one in found):
        endpoint.close()


def _converse(
    endpoints: list[Endpoint], witness: Endpoint | None, timetable: Timetable, rng: random.Random
) -> None:
    """One conversation at one of the flow's sites; nothing while the site has no link."""
    endpoint = rng.choice(endpoints)
    flow = endpoint.flow
    back_ms = 0
    if flow.link is not None:
        if not flow.link[0] <= time.gmtime().tm_hour < flow.link[1]:
            return
        back_ms = rng.randrange(HOURS_WITHOUT_LINK * 3_600_000)
    for scene in play(flow, engine=flow.engine_at(0), rng=rng):
        wait = gap(scene.after, review=scene.root.kind is StepKind.REVIEW, rng=rng)
        timetable.after(wait, partial(endpoint.send, scene, witness=witness, back_ms=back_ms))


def _finish(made: trace.Span, span: Span, start_ns: int) -> None:
    for name, after, attributes in span.encoded.events:
        made.add_event(name, attributes, start_ns + (span.start + after) * NS_PER_MS)
    failure = span.step.failure
    end_ns = start_ns + span.end * NS_PER_MS
    if failure is not None:
        made.set_status(Status(StatusCode.ERROR, failure.text))
        said = {"exception.type": failure.type, "exception.message": failure.text}
        made.add_event("exception", said, end_ns)
    made.end(end_ns)


def _exporter(flow: Flow, target: Target) -> SpanExporter:
    headers = {"authorization": target.bearer(flow.key)}
    if flow.via == "grpc":
        return GrpcExporter(endpoint=target.grpc, insecure=True, headers=headers)
    session = requests.Session()
    session.trust_env = False  # the ingest is on this machine: no proxy of the environment stands between
    return HttpExporter(endpoint=f"{target.http}/v1/traces", headers=headers, session=session)
