"""How a step looks in each dialect of AI telemetry that an estate speaks.

spans = dialects.encode(scene, "openinference")      # parents before children, times in ms after the scene's start
seen = dialects.witness(spans)                       # the same model calls, as a gateway between reports them
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from demo.conversations.steps import Scene, Step
from demo.dialects import gateway, gen_ai, openinference, traceloop, tutela, vercel
from demo.dialects.shape import Encoded, Span

__all__ = ["DIALECTS", "SCOPES", "Encoded", "Span", "encode", "witness"]

witness = gateway.witness

Encoder = Callable[[Step, Scene], Encoded]

DIALECTS: Mapping[str, Encoder] = {
    "gen_ai": gen_ai.encode,
    "openinference": openinference.encode,
    "traceloop": traceloop.encode,
    "vercel": vercel.encode,
    "tutela": tutela.encode,
}

SCOPES: Mapping[str, tuple[str, str]] = {
    "gen_ai": ("opentelemetry.util.genai.handler", "0.3b0"),
    "openinference": ("openinference.instrumentation.langchain", "0.1.61"),
    "traceloop": ("opentelemetry.instrumentation.openai.v1", "0.52.1"),
    "vercel": ("ai", "6.0.3"),
    "tutela": ("tutela", "0.1.0"),
    "gateway": ("litellm", "1.80.5"),
}
"""Name and version of the instrumentation that speaks a dialect."""


def encode(scene: Scene, dialect: str) -> list[Span]:
    """The scene's spans in a dialect, parents before children. Raises KeyError for a dialect that is none."""
    write = DIALECTS[dialect]
    spans: list[Span] = []
    _append(spans, scene.root, scene, write, parent=None)
    return spans


def _append(spans: list[Span], step: Step, scene: Scene, write: Encoder, *, parent: int | None) -> None:
    place = len(spans)
    spans.append(Span(write(step, scene), step, parent))
    for child in step.children:
        _append(spans, child, scene, write, parent=place)
