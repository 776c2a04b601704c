"""A scene: one request through all its steps, before any telemetry dialect has dressed it. Times in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class StepKind(StrEnum):
    """What a step is, in the words of the demo; each dialect has its own word for it."""

    WORKFLOW = "workflow"
    AGENT = "agent"
    LLM = "llm"
    EMBEDDING = "embedding"
    RETRIEVER = "retriever"
    TOOL = "tool"
    INFERENCE = "inference"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that a model asks for, or that a step carries out."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message. `answers` is the id of the tool call whose result this is."""

    role: str
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    answers: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A retrieved document."""

    id: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one call; `cached` is part of `input`. Output is None where there is none to count."""

    input: int
    output: int | None = None
    cached: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """How a step failed: the class of error, and the words that a provider or runtime has for it."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `start` and `duration` are milliseconds, `start` counted from the start of the trace."""

    kind: StepKind
    name: str
    start: int
    duration: int
    children: tuple[Step, ...] = ()
    provider: str = ""
    model: str = ""
    answered_by: str = ""  # the model that answered, where it is not the one that was asked for
    address: str = ""
    input: tuple[Turn, ...] = ()
    output: tuple[Turn, ...] = ()
    sources: tuple[Source, ...] = ()
    query: str = ""
    tokens: Tokens | None = None
    first_token: int | None = None
    finish: str = ""
    response_id: str = ""
    call: ToolCall | None = None
    result: Any = None
    units: int | None = None
    unit: str = ""
    confidence: float | None = None
    decision: str = ""
    outcome: str = ""
    reviewer: str = ""
    failure: Failure | None = None

    @property
    def end(self) -> int:
        """Milliseconds from the start of the trace to the end of the step."""
        return self.start + self.duration

    def walk(self) -> Iterator[Step]:
        """The step itself, then all below it, parents before children."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Scene:
    """One trace. `after` is when it starts, counted from the start of its conversation."""

    root: Step
    language: str
    after: int = 0
    session: str = ""
    user: str = ""

    def size(self) -> int:
        """How many spans the scene becomes."""
        return sum(1 for _ in self.root.walk())
