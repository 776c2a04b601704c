"""The record's vocabulary: kinds, states and the values that walk from the wire to the store.

A span's way: `DecodedSpan` (the wire, undone) → `NormalisedSpan` (one dialect) → `RecordedSpan` (content taken out
according to the capture mode, digest made) → the tables of `schema`. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from kernel.contracts.ingest import CaptureMode, RetentionClass, SenderIdentity

TRACE_ID_BYTES = 16
SPAN_ID_BYTES = 8

Attributes = dict[str, Any]
"""Flat: dotted keys stay strings and are never unfolded into objects.

Values are str, int, float, bool, bytes, None, lists of these, or dicts with string keys (OTLP kvlists).
"""


class SpanKind(StrEnum):
    """What a step of a trace is."""

    LLM = "llm"
    EMBEDDING = "embedding"
    RERANKER = "reranker"
    RETRIEVER = "retriever"
    TOOL = "tool"
    AGENT = "agent"
    WORKFLOW = "workflow"
    CHAIN = "chain"
    GUARDRAIL = "guardrail"
    EVALUATOR = "evaluator"
    MEMORY = "memory"
    INFERENCE = "inference"
    REVIEW = "review"
    HTTP = "http"
    OTHER = "other"


MODEL_CALLS = frozenset({SpanKind.LLM, SpanKind.EMBEDDING, SpanKind.RERANKER, SpanKind.INFERENCE})
"""The leaf kinds that may own tokens and cost; all others only repeat what their children say."""


class SpanStatus(IntEnum):
    """OTLP status codes."""

    UNSET = 0
    OK = 1
    ERROR = 2


class ObservationPoint(StrEnum):
    """Where the call was seen from."""

    CLIENT = "client"
    GATEWAY = "gateway"
    SERVER = "server"
    INTERNAL = "internal"
    UNKNOWN = "unknown"


class ContentState(StrEnum):
    """What became of what was said in a span."""

    NOT_CAPTURED = "not_captured"  # the sender sent no content: nothing to check
    DROPPED = "dropped"  # capture mode none: content came and nothing of it was kept
    HASHED = "hashed"  # ids only
    WAITING = "waiting"  # redact: encrypted, waiting for the scanner
    MASKED = "masked"
    FULL = "full"
    REFERENCE = "reference"  # the sender sent only an address of the content


class MessageState(StrEnum):
    """How a message's text is kept."""

    FULL = "full"
    WAITING = "waiting"
    MASKED = "masked"


class Signal(StrEnum):
    """OTLP signals."""

    TRACES = "traces"
    LOGS = "logs"
    METRICS = "metrics"


class Reason(StrEnum):
    """Why a span or a request was not stored. Stable words: accounts and pages use them."""

    # spans
    NOT_AI = "not_ai"  # neither an AI span nor kin of one; counted, not an error
    BAD_ID = "bad_id"
    BAD_TIME = "bad_time"  # start is zero or does not fit
    TOO_OLD = "too_old"  # outside the window: kept aside
    IN_FUTURE = "in_future"  # outside the window: kept aside
    TOO_MANY_ATTRIBUTES = "too_many_attributes"
    TOO_DEEP = "too_deep"
    SENDER_LIMIT = "sender_limit"  # the key already has as many senders as it may have
    # log records and metrics
    NOT_A_GENAI_EVENT = "not_a_genai_event"
    NO_SPAN_CONTEXT = "no_span_context"
    CONTENT_NOT_KEPT = "content_not_kept"  # the sender's capture mode is none
    SPAN_NEVER_CAME = "span_never_came"  # a log record waited a day for its span in vain
    METRICS_NOT_STORED = "metrics_not_stored"
    # whole requests
    UNDECODABLE = "undecodable"
    WRONG_SIGNAL = "wrong_signal"
    UNSUPPORTED_TYPE = "unsupported_type"
    TOO_LARGE = "too_large"
    TOO_MANY_ITEMS = "too_many_items"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    BUSY = "busy"
    STORE_UNAVAILABLE = "store_unavailable"


class Flag(StrEnum):
    """What is odd about a stored span. Shown on its page in words."""

    CLAIM_OUTSIDE_KEY = "claim_outside_key"
    END_BEFORE_START = "end_before_start"
    TOKENS_INCONSISTENT = "tokens_inconsistent"
    TEXT_SANITISED = "text_sanitised"  # NUL or invalid Unicode replaced by U+FFFD
    VALUE_TRUNCATED = "value_truncated"
    CONTENT_BY_LOG = "content_by_log"
    UNKNOWN_DIALECT = "unknown_dialect"
    WINDOW_EDGE = "window_edge"


@dataclass(slots=True)
class DecodedEvent:
    """A span event, or a GenAI log record that belongs to a span."""

    name: str
    time_ns: int
    attributes: Attributes
    body: Any = None


@dataclass(slots=True)
class DecodedScope:
    """An instrumentation scope."""

    name: str = ""
    version: str = ""


@dataclass(slots=True)
class DecodedSpan:
    """One span as it came, ids checked, text clean (no NUL, no lone surrogates).

    Not frozen: half a million a minute are made, and frozen dataclasses cost three times as much to make.
    """

    trace_id: bytes
    span_id: bytes
    parent_span_id: bytes | None
    name: str
    otel_kind: int  # OTLP SpanKind: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer
    start_ns: int
    end_ns: int
    status: SpanStatus
    status_message: str
    attributes: Attributes
    events: list[DecodedEvent]
    resource: Attributes
    scope: DecodedScope
    flags: set[Flag] = field(default_factory=set)


@dataclass(slots=True)
class DecodedLog:
    """A GenAI log record (event) with the span it speaks of."""

    trace_id: bytes
    span_id: bytes
    event: DecodedEvent
    resource: Attributes
    scope: DecodedScope


@dataclass(slots=True)
class Message:
    """One turn: role and parts, the parts in the shape of OTel's gen_ai messages.

    For example `{"type": "text", "content": …}`, `{"type": "tool_call", "id": …, "name": …, "arguments": …}`,
    `{"type": "tool_call_response", "id": …, "response": …}`, `{"type": "reasoning", "content": …}`, `{"type": "uri", …}`.
    """

    role: str
    parts: list[dict[str, Any]]


@dataclass(slots=True)
class Document:
    """A retrieved document: the sources an answer can be held against."""

    id: str | None = None
    score: float | None = None
    content: str | None = None
    uri: str | None = None
    metadata: dict[str, Any] | None = None


@dataclass(slots=True)
class Usage:
    """Tokens of one call. Totals include their parts (cache in input, reasoning in output). None is unknown."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(slots=True)
class NormalisedSpan:
    """One span in our one dialect, content still inside."""

    span: DecodedSpan
    kind: SpanKind
    dialect: str  # tutela, openinference, vercel, langfuse, litellm, traceloop, gen_ai, mcp, none
    operation: str | None = None
    observation_point: ObservationPoint = ObservationPoint.UNKNOWN
    provider: str | None = None
    request_model: str | None = None
    response_model: str | None = None
    response_id: str | None = None
    endpoint_address: str | None = None
    usage: Usage = field(default_factory=Usage)
    usage_is_aggregate: bool = False
    cost_reported_nano_usd: int | None = None
    cache_hit: bool = False  # a gateway answered from its own cache
    service_tier: str | None = None
    ttft_ns: int | None = None
    finish_reasons: list[str] = field(default_factory=list)
    session_id: str | None = None
    conversation_id: str | None = None
    user_id: str | None = None
    agent_name: str | None = None
    tool_name: str | None = None
    tool_call_id: str | None = None
    data_source_id: str | None = None
    environment: str | None = None
    error_type: str | None = None
    inference_units: int | None = None
    inference_unit: str | None = None
    decision_id: str | None = None
    review_outcome: str | None = None
    input_messages: list[Message] = field(default_factory=list)
    output_messages: list[Message] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    query_text: str | None = None
    tool_arguments: Any = None
    tool_result: Any = None
    content_reference: str | None = None
    flags: set[Flag] = field(default_factory=set)
    mapping_version: int = 0

    @property
    def model(self) -> str | None:
        """The model to price and to look up: what answered, else what was asked for."""
        return self.response_model or self.request_model


@dataclass(slots=True)
class MessageRow:
    """A message to be kept, once per sender and day."""

    day: int
    sender_id: bytes
    message_id: bytes
    role: str
    body: bytes  # canonical JSON of the parts: plain, or encrypted when state is waiting
    state: MessageState
    retention_class: RetentionClass


@dataclass(slots=True)
class RecordedSpan:
    """A span as the store writes it: columns of `schema.spans`, by name, and the messages it names."""

    columns: dict[str, Any]
    messages: list[MessageRow]


@dataclass(frozen=True, slots=True)
class ResolvedSender:
    """A sender of a batch with what the register says of its content."""

    identity: SenderIdentity
    sender_id: bytes
    capture_mode: CaptureMode
    retention_class: RetentionClass
