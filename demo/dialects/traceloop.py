"""OpenLLMetry, as Traceloop's instrumentations write it: `gen_ai.prompt.0.…` beside `traceloop.entity.…`."""

from __future__ import annotations

from demo.conversations.steps import Scene, Step, StepKind, Turn
from demo.dialects.shape import Attributes, Encoded, OtelKind, error_type, known, written

KINDS = {
    StepKind.WORKFLOW: "workflow",
    StepKind.AGENT: "agent",
    StepKind.TOOL: "tool",
    StepKind.RETRIEVER: "task",
}


def encode(step: Step, scene: Scene) -> Encoded:
    """One step of a scene."""
    common = known(
        {
            "traceloop.association.properties.session_id": scene.session,
            "traceloop.association.properties.user_id": scene.user,
            "error.type": error_type(step),
            "decision.id": step.decision,
        }
    )
    if step.kind in (StepKind.LLM, StepKind.EMBEDDING):
        request = "chat" if step.kind is StepKind.LLM else "embedding"
        encoded = Encoded(f"openai.{request}", OtelKind.CLIENT, common | _call(step, request))
        if step.first_token is not None:
            encoded.events.append(("llm.content.completion.chunk", step.first_token, {}))
        return encoded
    name = f"{step.name}.{KINDS.get(step.kind, 'task')}"
    return Encoded(name, OtelKind.INTERNAL, common | _entity(step))


def _call(step: Step, request: str) -> Attributes:
    tokens = step.tokens
    attributes = known(
        {
            "llm.request.type": request,
            "gen_ai.system": step.provider,
            "gen_ai.request.model": step.model,
            "gen_ai.response.model": step.answered_by or (step.model if step.output else ""),
            "gen_ai.response.id": step.response_id,
            "gen_ai.usage.prompt_tokens": tokens.input if tokens else None,
            "gen_ai.usage.completion_tokens": tokens.output if tokens else None,
            "llm.usage.total_tokens": tokens.input + (tokens.output or 0) if tokens else None,
            "gen_ai.openai.api_base": f"https://{step.address}/v1/" if step.address else None,
        }
    )
    attributes |= _messages("gen_ai.prompt", step.input)
    attributes |= _messages("gen_ai.completion", step.output)
    if step.finish:
        attributes["gen_ai.completion.0.finish_reason"] = step.finish
    return attributes


def _messages(stem: str, turns: tuple[Turn, ...]) -> Attributes:
    found: Attributes = {}
    for place, turn in enumerate(turns):
        base = f"{stem}.{place}"
        found |= known(
            {f"{base}.role": turn.role, f"{base}.content": turn.text, f"{base}.tool_call_id": turn.answers}
        )
        for number, call in enumerate(turn.calls):
            inner = f"{base}.tool_calls.{number}"
            found |= {
                f"{inner}.id": call.id,
                f"{inner}.name": call.name,
                f"{inner}.arguments": written(call.arguments),
            }
    return found


def _entity(step: Step) -> Attributes:
    if step.kind is StepKind.RETRIEVER:
        return _retriever(step)
    if step.kind is StepKind.TOOL:
        said: object = {"inputs": step.call.arguments if step.call else {}}
        answered: object = step.result
    else:
        said = {"inputs": {"input": step.input[-1].text if step.input else ""}}
        answered = {"outputs": step.output[-1].text if step.output else ""}
    return known(
        {
            "traceloop.span.kind": KINDS.get(step.kind, "task"),
            "traceloop.entity.name": step.name,
            "traceloop.entity.input": written(said),
            "traceloop.entity.output": written(answered),
        }
    )


def _retriever(step: Step) -> Attributes:
    """A search through a vector store's own instrumentation, which says what it found."""
    found = [{"id": source.id, "score": source.score, "content": source.text} for source in step.sources]
    return known(
        {
            "gen_ai.operation.name": "retrieval",
            "db.system": "chroma",
            "db.collection.name": step.name,
            "traceloop.entity.name": step.name,
            "traceloop.entity.input": written({"query": step.query}),
            "traceloop.entity.output": written({"documents": found}),
        }
    )
