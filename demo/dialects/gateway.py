"""What a gateway reports of a model call that passes through it: its own span, below the client's, without content."""

from __future__ import annotations

from collections.abc import Sequence

from demo.conversations.steps import Step, StepKind
from demo.dialects.shape import Encoded, OtelKind, Span, error_type, known

TRIMMED_MS = 4
_UPSTREAMS = {"anthropic": "api.anthropic.com", "vllm": "vllm.frankfurt.armor.example"}


def witness(spans: Sequence[Span]) -> list[Span]:
    """The gateway's spans. Their parents are the client's spans, by index in `spans`."""
    return [
        Span(_reported(span.step), span.step, place, TRIMMED_MS)
        for place, span in enumerate(spans)
        if span.step.kind is StepKind.LLM
    ]


def _reported(step: Step) -> Encoded:
    tokens = step.tokens
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": step.provider,
        "gen_ai.request.model": step.model,
        "gen_ai.response.model": step.answered_by,
        "gen_ai.response.id": step.response_id,
        "gen_ai.usage.input_tokens": tokens.input if tokens else None,
        "gen_ai.usage.output_tokens": tokens.output if tokens else None,
        "gen_ai.usage.cache_read.input_tokens": tokens.cached or None if tokens else None,
        "litellm.model_group": step.model,
        "server.address": _UPSTREAMS.get(step.provider, step.address),
        "error.type": error_type(step),
    }
    return Encoded("litellm_request", OtelKind.SERVER, known(attributes))
