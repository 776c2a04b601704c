"""What the record's codes mean, in words for people. The codes themselves are one click deeper."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.contracts.ingest import CaptureMode, ResolutionState
from telemetry.domain import ContentState, Flag, ObservationPoint, Reason, Signal, SpanKind, SpanStatus
from telemetry.queries.rollups import Liveness, Sign
from telemetry.queries.spans import SpanBrief
from ui import parts
from ui.text import Text, Tone

KIND_WORDS: dict[str, Text] = {
    SpanKind.LLM: _("Model call"),
    SpanKind.EMBEDDING: _("Embedding"),
    SpanKind.RERANKER: _("Reranking"),
    SpanKind.RETRIEVER: _("Retrieval"),
    SpanKind.TOOL: _("Tool"),
    SpanKind.AGENT: _("Agent"),
    SpanKind.WORKFLOW: _("Workflow"),
    SpanKind.CHAIN: _("Chain"),
    SpanKind.GUARDRAIL: _("Guardrail"),
    SpanKind.EVALUATOR: _("Evaluation"),
    SpanKind.MEMORY: _("Memory"),
    SpanKind.INFERENCE: _("Prediction"),
    SpanKind.REVIEW: _("Human review"),
    SpanKind.HTTP: _("HTTP"),
    SpanKind.OTHER: _("Other step"),
}

KIND_ICONS: dict[str, str] = {
    SpanKind.LLM: "sparkles",
    SpanKind.EMBEDDING: "waypoints",
    SpanKind.RERANKER: "list-filter",
    SpanKind.RETRIEVER: "scan-search",
    SpanKind.TOOL: "wrench",
    SpanKind.AGENT: "bot",
    SpanKind.WORKFLOW: "workflow",
    SpanKind.CHAIN: "link",
    SpanKind.GUARDRAIL: "shield",
    SpanKind.EVALUATOR: "scale",
    SpanKind.MEMORY: "brain",
    SpanKind.INFERENCE: "gauge",
    SpanKind.REVIEW: "user",
    SpanKind.HTTP: "globe",
    SpanKind.OTHER: "box",
}

OBSERVATION_WORDS: dict[str, Text] = {
    ObservationPoint.CLIENT: _("by the caller"),
    ObservationPoint.GATEWAY: _("by a gateway on the way"),
    ObservationPoint.SERVER: _("by the server that answered"),
    ObservationPoint.INTERNAL: _("inside the application"),
    ObservationPoint.UNKNOWN: _("not said"),
}

COST_STATUS_WORDS: dict[str, Text] = {
    "priced": pgettext_lazy("cost", "Priced"),
    "unpriced": pgettext_lazy("cost", "Unpriced"),
    "unmetered": pgettext_lazy("cost", "Nothing named that could be priced"),
    "cached": pgettext_lazy("cost", "Answered from a cache"),
}
COST_BASIS_WORDS: dict[str, Text] = {
    "list": pgettext_lazy("cost", "List price"),
    "own": pgettext_lazy("cost", "Own price"),
    "hardware": pgettext_lazy("cost", "Hardware"),
}
CAPTURE_WORDS: dict[str, Text] = {
    CaptureMode.NONE: _("nothing is kept"),
    CaptureMode.HASHED: _("IDs only"),
    CaptureMode.REDACT: _("masked text"),
    CaptureMode.FULL: _("full text"),
}

DIALECT_WORDS: dict[str, Text] = {
    "gen_ai": _("OpenTelemetry GenAI"),
    "openinference": "OpenInference",
    "traceloop": "OpenLLMetry (Traceloop)",
    "vercel": "Vercel AI SDK",
    "tutela": "Tutela SDK",
    "none": _("no AI dialect"),
}

SIGNAL_WORDS: dict[str, Text] = {
    Signal.TRACES: _("Spans"),
    Signal.LOGS: _("Log records"),
    Signal.METRICS: _("Metrics"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A state in words: a short word with its tone, and a sentence that explains it."""

    word: Text
    sentence: Text
    tone: Tone = Tone.PLAIN


CONTENT_WORDS: dict[str, Said] = {
    ContentState.NOT_CAPTURED: Said(
        _("not captured"),
        _("The sender sent no content with this step, so there is nothing to read and nothing was checked."),
        Tone.UNKNOWN,
    ),
    ContentState.DROPPED: Said(
        _("not kept"),
        _("Content came, and by the capture mode of this deployment nothing of it was kept. Not checked."),
        Tone.PLAIN,
    ),
    ContentState.HASHED: Said(
        _("IDs only"),
        _(
            "Only keyed IDs of the messages are kept: they show that two messages are the same, not what they say."
        ),
        Tone.PLAIN,
    ),
    ContentState.WAITING: Said(
        _("waiting"),
        _("The text is kept encrypted until the scanner has masked personal data. Nobody can read it now."),
        Tone.WARN,
    ),
    ContentState.MASKED: Said(
        _("masked"),
        _("Personal data was masked. Reading the masked text takes a permission and goes on record."),
        Tone.OK,
    ),
    ContentState.FULL: Said(
        _("full"),
        _("The text is kept as it was sent. Reading it takes a permission and goes on record."),
        Tone.ACCENT,
    ),
    ContentState.REFERENCE: Said(
        _("reference only"), _("The sender sent an address of the content, not the content."), Tone.PLAIN
    ),
}

STATUS_WORDS: dict[int, Said] = {
    SpanStatus.UNSET: Said(_("no error"), _("The sender reported no error."), Tone.PLAIN),
    SpanStatus.OK: Said(_("OK"), _("The sender said that this step went well."), Tone.OK),
    SpanStatus.ERROR: Said(_("error"), _("The sender reported an error."), Tone.BAD),
}

FLAG_WORDS: dict[str, Text] = {
    Flag.CLAIM_OUTSIDE_KEY: _(
        "The sender claimed a deployment or site that its key does not speak for; ignored."
    ),
    Flag.END_BEFORE_START: _("The end lay before the start; the duration was set to zero."),
    Flag.TOKENS_INCONSISTENT: _("The token counts contradict each other."),
    Flag.TEXT_SANITISED: _("Characters that are no valid text were replaced."),
    Flag.VALUE_TRUNCATED: _("A value was too long and was cut."),
    Flag.CONTENT_BY_LOG: _("The content came as a log record beside the span."),
    Flag.UNKNOWN_DIALECT: _("The step is AI in no dialect that we know; its fields may be incomplete."),
    Flag.WINDOW_EDGE: _("The start lies close to the edge of the accepted time window."),
}

RESOLUTION_WORDS: dict[ResolutionState, Said] = {
    ResolutionState.RESOLVED: Said(_("registered"), _("The register says what this sender is."), Tone.OK),
    ResolutionState.UNKNOWN: Said(
        _("not registered"), _("Nobody has said yet what this sender is."), Tone.WARN
    ),
    ResolutionState.DISMISSED: Said(
        _("dismissed"), _("Somebody decided that this is no AI of ours."), Tone.PLAIN
    ),
}


@dataclass(frozen=True, slots=True)
class Explained:
    """Why something was not stored, and what to do about it."""

    why: Text
    next: Text
    harmless: bool = False


REASON_WORDS: dict[str, Explained] = {
    Reason.NOT_AI: Explained(
        _("Not an AI step, nor close kin of one"),
        _("Nothing to do: a whole Collector may send through one key, and only AI steps are kept."),
        harmless=True,
    ),
    Reason.BAD_ID: Explained(
        _("The trace or span ID was empty or of the wrong length"),
        _("Send 16 bytes (trace) and 8 bytes (span), not all zero; in JSON, as hexadecimal digits."),
    ),
    Reason.BAD_TIME: Explained(
        _("The start time was missing or impossible"),
        _("Set the start in nanoseconds since 1970; check the clock of the sender."),
    ),
    Reason.TOO_OLD: Explained(
        _("Older than 400 days: kept aside"),
        _("Check the clock of the sender. The spans are listed below and are counted nowhere else."),
    ),
    Reason.IN_FUTURE: Explained(
        _("More than an hour in the future: kept aside"),
        _("Check the clock and the time zone of the sender (time synchronisation)."),
    ),
    Reason.TOO_MANY_ATTRIBUTES: Explained(
        _("Too many attributes on one span"),
        _("Limit attributes in the SDK (OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT) or in the Collector."),
    ),
    Reason.TOO_DEEP: Explained(
        _("An attribute value was nested too deeply"), _("Send deep structures as JSON text instead.")
    ),
    Reason.SENDER_LIMIT: Explained(
        _("The key already has as many senders as it may have"),
        _(
            "Give each fleet its own key, or keep device names out of service names: devices are counted by themselves."
        ),
    ),
    Reason.NOT_A_GENAI_EVENT: Explained(
        _("A log record that is no GenAI event"),
        _("Nothing to do: only events of the GenAI conventions are stored."),
        harmless=True,
    ),
    Reason.NO_SPAN_CONTEXT: Explained(
        _("A log record without trace and span ID"),
        _("Emit the event inside the span, so that the SDK adds both."),
    ),
    Reason.CONTENT_NOT_KEPT: Explained(
        _("Content of a deployment that keeps none"),
        _(
            "Nothing to do, if that is what was decided: the capture mode of the deployment is “nothing is kept”."
        ),
        harmless=True,
    ),
    Reason.SPAN_NEVER_CAME: Explained(
        _("A log record waited for its span in vain"),
        _("Send the span as well: to the same address, with the same key."),
    ),
    Reason.METRICS_NOT_STORED: Explained(
        _("Metrics are not stored yet"),
        _("Nothing breaks. To save the traffic, set OTEL_METRICS_EXPORTER=none."),
        harmless=True,
    ),
    Reason.UNDECODABLE: Explained(
        _("The request could not be read"),
        _(
            "Check that the body is OTLP (protobuf or JSON) and that Content-Type and Content-Encoding say so."
        ),
    ),
    Reason.WRONG_SIGNAL: Explained(
        _("One kind of data was sent to the address of another"),
        _("Give the SDK the base address only (OTEL_EXPORTER_OTLP_ENDPOINT); it adds /v1/traces itself."),
    ),
    Reason.UNSUPPORTED_TYPE: Explained(
        _("Unknown content type or encoding"),
        _("Send application/x-protobuf or application/json, plain or gzip."),
    ),
    Reason.TOO_LARGE: Explained(
        _("The request was too large"),
        _(
            "Send smaller batches (OTEL_BSP_MAX_EXPORT_BATCH_SIZE): 16 MiB compressed, 64 MiB inflated at most."
        ),
    ),
    Reason.TOO_MANY_ITEMS: Explained(
        _("Too many spans in one request"), _("Send smaller batches (OTEL_BSP_MAX_EXPORT_BATCH_SIZE).")
    ),
    Reason.UNAUTHENTICATED: Explained(
        _("Without a key, or with one that is not known"),
        _(
            "Send the header “Authorization: Bearer ttl_ep_…”; make or find the key under Settings, Endpoint keys."
        ),
    ),
    Reason.FORBIDDEN: Explained(
        _("The key is revoked or has expired"),
        _("Rotate the key under Settings, Endpoint keys, and give the sender the new one."),
    ),
    Reason.BUSY: Explained(
        _("Too much at once: the sender was asked to try again"),
        _("SDKs repeat by themselves. If this lasts, add an ingest process or lower the rate."),
    ),
    Reason.STORE_UNAVAILABLE: Explained(
        _("The record could not be written: the sender was asked to try again"),
        _("Look at the health page: the disk may be full or the database not reachable."),
    ),
}


def said_badge(said: Said) -> SafeString:
    """A state as a badge, with its sentence in the title."""
    return parts.badge(said.word, said.tone, title=said.sentence)


def content_said(state: str) -> Said:
    """A content state in words; one that this release does not know is shown as its code."""
    return CONTENT_WORDS.get(state) or Said(state, "", Tone.UNKNOWN)


def reason_explained(reason: str) -> Explained:
    """A reason in words; one that this release does not know is shown as its code."""
    return REASON_WORDS.get(reason) or Explained(reason, "")


def short_id(hex_id: str) -> str:
    """The first eight digits of an id, for lists; the whole one is a click away."""
    return hex_id[:8]


def live_badge(sign: Sign) -> SafeString:
    """Live, dark since when, or never heard: mark, word and moment."""
    if sign.state is Liveness.LIVE:
        return parts.badge(_("live"), Tone.OK)
    if sign.state is Liveness.NEVER:
        return parts.badge(_("never heard"), Tone.UNKNOWN)
    return parts.badge(_("dark"), Tone.WARN, mark="●")


def tokens_of(span: SpanBrief) -> int | None:
    """All tokens that a step named; None when it named none."""
    known = [value for value in (span.input_tokens, span.output_tokens) if value is not None]
    return sum(known) if known else None
