"""Spans for code that no instrumentation knows. All of them do nothing before `register`.

Attribute names are those of the OpenTelemetry GenAI conventions where these have one, and `tutela.*` where not.
Content (messages, arguments, documents) is recorded only when `capture` is full.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from opentelemetry.trace import SpanKind

from tutela import _register
from tutela._blocks import Block, Recorded
from tutela._messages import Messages, as_json, messages_as_json


class ModelCall(Recorded):
    """A call of a generative model."""

    def output(self, messages: Messages) -> None:
        """What the model answered: a text, or messages."""
        self._content("gen_ai.output.messages", lambda: messages_as_json(messages, role="assistant"))

    def usage(
        self,
        *,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        cache_read_tokens: int | None = None,
        cache_write_tokens: int | None = None,
        reasoning_tokens: int | None = None,
    ) -> None:
        """Tokens as the provider counted them. Cached tokens are part of the input, reasoning is part of the output."""
        self.set("gen_ai.usage.input_tokens", input_tokens)
        self.set("gen_ai.usage.output_tokens", output_tokens)
        self.set("gen_ai.usage.cache_read.input_tokens", cache_read_tokens)
        self.set("gen_ai.usage.cache_write.input_tokens", cache_write_tokens)
        self.set("gen_ai.usage.reasoning.output_tokens", reasoning_tokens)

    def response(
        self,
        *,
        model: str | None = None,
        id: str | None = None,  # noqa: A002  # the word of the convention, gen_ai.response.id
        finish_reasons: Sequence[str] | None = None,
    ) -> None:
        """What the provider said of its answer. The id links this call with what a gateway reports of it."""
        self.set("gen_ai.response.model", model)
        self.set("gen_ai.response.id", id)
        self.set(
            "gen_ai.response.finish_reasons",
            [*finish_reasons] if isinstance(finish_reasons, (list, tuple)) else None,
        )


class Retrieval(Recorded):
    """A search for documents that an answer shall rest on."""

    def documents(self, documents: Sequence[Mapping[str, Any] | str]) -> None:
        """What was found: texts, or mappings with `id`, `score` and `content`. Groundedness is checked against these."""
        self._content(
            "gen_ai.retrieval.documents",
            lambda: as_json([_document(item, place) for place, item in enumerate(documents)]),
        )


class ToolCall(Recorded):
    """A tool at work."""

    def result(self, value: object) -> None:
        """What the tool answered."""
        self._content("gen_ai.tool.call.result", lambda: _as_text(value))


class Agent(Recorded):
    """An agent at work on one task; what it calls becomes its children."""

    def output(self, messages: Messages) -> None:
        """What the agent answered in the end."""
        self._content("gen_ai.output.messages", lambda: messages_as_json(messages, role="assistant"))


class Inference(Recorded):
    """A prediction that is no chat: vision, forecast, score."""

    def units(self, count: int) -> None:
        """How many units were judged, when that is known only afterwards."""
        self.set("tutela.inference.units", count)

    def output(self, value: object) -> None:
        """What was predicted: a label, a number, a mapping."""
        self._content("tutela.inference.output", lambda: _as_text(value))


def model_call(
    model: str,
    *,
    provider: str | None = None,
    operation: str = "chat",
    input: Messages | None = None,  # noqa: A002  # the word of the convention, gen_ai.input.messages
    system: str | None = None,
    conversation: str | None = None,
    server: str | None = None,
) -> Block[ModelCall]:
    """A call of a generative model, as a `with` block or decorator.

    `operation` is one of the convention's (chat, generate_content, text_completion, embeddings); `system` are the
    instructions; `server` is the host that answers.
    """
    return Block(
        f"{operation} {model}",
        ModelCall,
        kind=SpanKind.CLIENT,
        attributes={
            "gen_ai.operation.name": operation,
            "gen_ai.provider.name": provider,
            "gen_ai.request.model": model,
            "gen_ai.conversation.id": conversation,
            "server.address": server,
        },
        content={
            "gen_ai.input.messages": _spoken(input),
            "gen_ai.system_instructions": _written(
                None if system is None else [{"type": "text", "content": system}]
            ),
        },
    )


def retrieval(
    source: str, *, query: str | None = None, top_k: int | None = None, provider: str | None = None
) -> Block[Retrieval]:
    """A search in a data source. `source` names the dataset or index, as the register knows it."""
    return Block(
        f"retrieval {source}",
        Retrieval,
        kind=SpanKind.CLIENT,
        attributes={
            "gen_ai.operation.name": "retrieval",
            "gen_ai.data_source.id": source,
            "gen_ai.provider.name": provider,
            "gen_ai.retrieval.top_k": top_k,
        },
        content={"gen_ai.retrieval.query.text": None if query is None else lambda: str(query)},
    )


def tool(
    name: str,
    *,
    arguments: object | None = None,
    call_id: str | None = None,
    type: str | None = None,  # noqa: A002  # the word of the convention, gen_ai.tool.type
) -> Block[ToolCall]:
    """A tool that runs. `call_id` is the id under which the model asked for it; `type` is function, extension or datastore."""
    return Block(
        f"execute_tool {name}",
        ToolCall,
        attributes={
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": name,
            "gen_ai.tool.call.id": call_id,
            "gen_ai.tool.type": type,
        },
        content={"gen_ai.tool.call.arguments": _written(arguments)},
    )


def agent(
    name: str,
    *,
    id: str | None = None,  # noqa: A002  # the word of the convention, gen_ai.agent.id
    version: str | None = None,
    conversation: str | None = None,
    input: Messages | None = None,  # noqa: A002  # the word of the convention, gen_ai.input.messages
) -> Block[Agent]:
    """An agent at work. Tokens belong on the model calls inside, not here: otherwise they would count twice."""
    return Block(
        f"invoke_agent {name}",
        Agent,
        attributes={
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": name,
            "gen_ai.agent.id": id,
            "gen_ai.agent.version": version,
            "gen_ai.conversation.id": conversation,
        },
        content={"gen_ai.input.messages": _spoken(input)},
    )


def inference(
    model: str,
    *,
    units: int = 1,
    unit: str = "item",
    decision_id: str | None = None,
    provider: str | None = None,
    input: object | None = None,  # noqa: A002  # the word that model_call has for it
) -> Block[Inference]:
    """A prediction, as a `with` block or decorator: `units` of a `unit` (image, row, series) judged by a model.

    `decision_id` names the decision where a person is concerned, so that a later `review` can be laid beside it.
    """
    return Block(
        f"inference {model}",
        Inference,
        attributes={
            "tutela.kind": "inference",
            "gen_ai.request.model": model,
            "gen_ai.provider.name": provider,
            "tutela.inference.units": units,
            "tutela.inference.unit": unit,
            "tutela.decision.id": decision_id,
        },
        content={"tutela.inference.input": _written(input)},
    )


def review(decision_id: str, outcome: str, reviewer_role: str) -> None:
    """Say that a person has looked at a decision.

    `outcome` is one word such as upheld or overturned; `reviewer_role` is one word for a role (welding-inspector),
    never a name.
    """
    attributes = {
        "tutela.kind": "review",
        "tutela.decision.id": decision_id,
        "tutela.review.outcome": outcome,
        "tutela.review.reviewer_role": reviewer_role,
    }
    _register.current().tracer().start_span("review", attributes=attributes).end()


def _spoken(messages: Messages | None) -> Callable[[], str] | None:
    return None if messages is None else lambda: messages_as_json(messages, role="user")


def _written(value: object | None) -> Callable[[], str] | None:
    return None if value is None else lambda: _as_text(value)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else as_json(value)


def _document(item: Mapping[str, Any] | str, place: int) -> dict[str, Any]:
    return dict(item) if isinstance(item, Mapping) else {"id": str(place), "content": str(item)}
