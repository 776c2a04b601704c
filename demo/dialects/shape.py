"""A span before it is anybody's: what every dialect writes, and what several write alike."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from demo.conversations.steps import Step, StepKind, Turn

Value = str | bool | int | float | list[str]
Attributes = dict[str, Value]


class OtelKind(IntEnum):
    """Span kinds as OTLP numbers them."""

    INTERNAL = 1
    SERVER = 2
    CLIENT = 3


@dataclass(slots=True)
class Encoded:
    """A step in a dialect: name, kind, attributes, and events as (name, milliseconds after its start, attributes)."""

    name: str
    kind: OtelKind
    attributes: Attributes
    events: list[tuple[str, int, Attributes]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Span:
    """An encoded step, the step itself, and the index of its parent among the scene's spans.

    `trimmed` milliseconds are taken off at both ends: a gateway sees a call shorter than its client does.
    """

    encoded: Encoded
    step: Step
    parent: int | None
    trimmed: int = 0

    @property
    def start(self) -> int:
        """Milliseconds after the start of the scene."""
        return self.step.start + self.trimmed

    @property
    def end(self) -> int:
        """Milliseconds after the start of the scene, never before `start`."""
        return max(self.start, self.step.end - self.trimmed)


CALLS = frozenset({StepKind.LLM, StepKind.EMBEDDING})


def kind_of(step: Step) -> OtelKind:
    """Calls of models and stores leave the process."""
    return OtelKind.CLIENT if step.kind in CALLS or step.kind is StepKind.RETRIEVER else OtelKind.INTERNAL


def written(value: Any) -> str:
    """A text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def known(attributes: dict[str, Any]) -> Attributes:
    """The attributes that have a value."""
    return {name: value for name, value in attributes.items() if value is not None and value not in ("", [])}


def parts(turn: Turn) -> list[dict[str, Any]]:
    """A message's parts in the shape of the GenAI conventions."""
    if turn.answers:
        return [{"type": "tool_call_response", "id": turn.answers, "response": turn.text}]
    texts = [{"type": "text", "content": turn.text}] if turn.text else []
    calls = [
        {"type": "tool_call", "id": call.id, "name": call.name, "arguments": call.arguments}
        for call in turn.calls
    ]
    return [*texts, *calls]


def messages(turns: tuple[Turn, ...]) -> str | None:
    """Messages as the GenAI conventions write them, as JSON; None when there are none."""
    if not turns:
        return None
    return written([{"role": turn.role, "parts": parts(turn)} for turn in turns])


def error_type(step: Step) -> str | None:
    """The class of the step's error."""
    return step.failure.type if step.failure else None
