"""A decoded span → a normalised one."""

from __future__ import annotations

from collections.abc import Sequence

from telemetry.domain import DecodedEvent, DecodedSpan, NormalisedSpan, SpanKind

MAPPING_VERSION = 1
"""The version of `mapping.toml`, stored with every span."""


def normalise(span: DecodedSpan, logs: Sequence[DecodedEvent] = ()) -> NormalisedSpan:
    """The span in our one dialect, content still inside.

    `logs` are GenAI log records with this span's trace and span id. Pure, and total: whatever the attributes hold,
    it answers; what cannot be read is None, with a flag where that is odd.
    """
    del logs
    model = span.attributes.get("gen_ai.request.model")
    return NormalisedSpan(
        span=span,
        kind=SpanKind.LLM if model is not None else SpanKind.OTHER,
        dialect="gen_ai" if model is not None else "none",
        request_model=str(model) if model is not None else None,
        flags=set(span.flags),
        mapping_version=MAPPING_VERSION,
    )


def is_ai(span: DecodedSpan) -> bool:
    """Whether anything in the span says AI: an attribute or the instrumentation scope known to the mapping."""
    return any(
        key.startswith(("gen_ai.", "llm.", "openinference.", "ai.", "tutela.")) for key in span.attributes
    )


def is_genai_event(name: str) -> bool:
    """Whether a log record or span event of this name speaks of a model call, so that it belongs to a span."""
    return name.startswith("gen_ai.")
