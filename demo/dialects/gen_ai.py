"""OpenTelemetry's GenAI conventions of 2026, messages as JSON in span attributes."""

from __future__ import annotations

from demo.conversations.steps import Scene, Step, StepKind
from demo.dialects.shape import Attributes, Encoded, error_type, kind_of, known, messages, parts, written

OPERATIONS = {
    StepKind.WORKFLOW: "invoke_workflow",
    StepKind.AGENT: "invoke_agent",
    StepKind.LLM: "chat",
    StepKind.EMBEDDING: "embeddings",
    StepKind.RETRIEVER: "retrieval",
    StepKind.TOOL: "execute_tool",
}


def encode(step: Step, scene: Scene) -> Encoded:
    """One step of a scene."""
    operation = OPERATIONS.get(step.kind, "other")
    common = {
        "gen_ai.operation.name": operation,
        "gen_ai.conversation.id": scene.session,
        "user.id": scene.user,
        "error.type": error_type(step),
        "decision.id": step.decision,
    }
    return Encoded(f"{operation} {step.name}", kind_of(step), known(common) | known(_own(step)))


def _own(step: Step) -> Attributes:
    match step.kind:
        case StepKind.LLM | StepKind.EMBEDDING:
            return call(step)
        case StepKind.RETRIEVER:
            return retrieval(step)
        case StepKind.TOOL:
            return tool(step)
        case StepKind.AGENT:
            return known({"gen_ai.agent.name": step.name, **_said(step)})
        case _:
            return known({"gen_ai.workflow.name": step.name, **_said(step)})


def call(step: Step) -> Attributes:
    """A model call."""
    system = tuple(turn for turn in step.input if turn.role == "system")
    others = tuple(turn for turn in step.input if turn.role != "system")
    tokens = step.tokens
    return known(
        {
            "gen_ai.provider.name": step.provider,
            "gen_ai.request.model": step.model,
            "gen_ai.response.model": step.answered_by or (step.model if step.output else ""),
            "gen_ai.response.id": step.response_id,
            "gen_ai.response.finish_reasons": [step.finish] if step.finish else None,
            "gen_ai.usage.input_tokens": tokens.input if tokens else None,
            "gen_ai.usage.output_tokens": tokens.output if tokens else None,
            "gen_ai.usage.cache_read.input_tokens": tokens.cached or None if tokens else None,
            "gen_ai.response.time_to_first_chunk": None
            if step.first_token is None
            else step.first_token / 1000,
            "server.address": step.address,
            "gen_ai.system_instructions": written(parts(system[0])) if system else None,
            "gen_ai.input.messages": messages(others),
            "gen_ai.output.messages": messages(step.output),
        }
    )


def retrieval(step: Step) -> Attributes:
    """A search for documents, with their text: without it nobody could hold an answer against them."""
    found = [{"id": source.id, "score": source.score, "content": source.text} for source in step.sources]
    return known(
        {
            "gen_ai.data_source.id": step.name,
            "gen_ai.retrieval.query.text": step.query,
            "gen_ai.retrieval.documents": written(found),
        }
    )


def tool(step: Step) -> Attributes:
    """A tool at work."""
    return known(
        {
            "gen_ai.tool.name": step.name,
            "gen_ai.tool.call.id": step.call.id if step.call else None,
            "gen_ai.tool.call.arguments": written(step.call.arguments) if step.call else None,
            "gen_ai.tool.call.result": written(step.result),
        }
    )


def _said(step: Step) -> dict[str, str | None]:
    return {"gen_ai.input.messages": messages(step.input), "gen_ai.output.messages": messages(step.output)}
