"""OpenInference, as LangChain's instrumentation writes it: conversations flattened into attributes."""

from __future__ import annotations

from demo.conversations.steps import Scene, Step, StepKind, Turn
from demo.dialects.shape import Attributes, Encoded, OtelKind, known, written

KINDS = {
    StepKind.WORKFLOW: "CHAIN",
    StepKind.AGENT: "AGENT",
    StepKind.LLM: "LLM",
    StepKind.EMBEDDING: "EMBEDDING",
    StepKind.RETRIEVER: "RETRIEVER",
    StepKind.TOOL: "TOOL",
}
NAMES = {
    StepKind.LLM: "ChatOpenAI",
    StepKind.EMBEDDING: "OpenAIEmbeddings",
    StepKind.RETRIEVER: "VectorStoreRetriever",
}


def encode(step: Step, scene: Scene) -> Encoded:
    """One step of a scene."""
    common = {
        "openinference.span.kind": KINDS.get(step.kind, "CHAIN"),
        "session.id": scene.session,
        "user.id": scene.user,
        "decision.id": step.decision,
    }
    name = NAMES.get(step.kind, step.name)
    encoded = Encoded(name, OtelKind.INTERNAL, known(common) | _own(step))
    if step.first_token is not None:
        encoded.events.append(("First Token Stream Event", step.first_token, {}))
    return encoded


def _own(step: Step) -> Attributes:
    match step.kind:
        case StepKind.LLM:
            return _llm(step)
        case StepKind.EMBEDDING:
            text = step.input[0].text if step.input else ""
            return known(
                {
                    "embedding.model_name": step.model,
                    "embedding.embeddings.0.embedding.text": text,
                    "llm.provider": step.provider,
                    "llm.token_count.prompt": step.tokens.input if step.tokens else None,
                }
            )
        case StepKind.RETRIEVER:
            return _retriever(step)
        case StepKind.TOOL:
            return _tool(step)
        case _:
            return _around(step)


def _llm(step: Step) -> Attributes:
    tokens = step.tokens
    attributes = known(
        {
            "llm.model_name": step.answered_by or step.model,
            "llm.provider": step.provider,
            "llm.invocation_parameters": written({"model": step.model, "temperature": 0.2}),
            "llm.token_count.prompt": tokens.input if tokens else None,
            "llm.token_count.completion": tokens.output if tokens else None,
            "llm.token_count.total": tokens.input + (tokens.output or 0) if tokens else None,
            "llm.finish_reason": step.finish,
            "llm.response.id": step.response_id,
            "server.address": step.address,
        }
    )
    attributes |= _messages("llm.input_messages", step.input)
    return attributes | _messages("llm.output_messages", step.output)


def _messages(stem: str, turns: tuple[Turn, ...]) -> Attributes:
    found: Attributes = {}
    for place, turn in enumerate(turns):
        base = f"{stem}.{place}.message"
        found |= known(
            {f"{base}.role": turn.role, f"{base}.content": turn.text, f"{base}.tool_call_id": turn.answers}
        )
        for number, call in enumerate(turn.calls):
            inner = f"{base}.tool_calls.{number}.tool_call"
            found[f"{inner}.id"] = call.id
            found[f"{inner}.function.name"] = call.name
            found[f"{inner}.function.arguments"] = written(call.arguments)
    return found


def _retriever(step: Step) -> Attributes:
    found = known({"input.value": step.query, "gen_ai.data_source.id": step.name})
    for place, source in enumerate(step.sources):
        base = f"retrieval.documents.{place}.document"
        found |= {f"{base}.id": source.id, f"{base}.score": source.score, f"{base}.content": source.text}
    return found


def _tool(step: Step) -> Attributes:
    return known(
        {
            "tool.name": step.name,
            "tool.id": step.call.id if step.call else None,
            "tool.parameters": written(step.call.arguments) if step.call else None,
            "input.value": written(step.call.arguments) if step.call else None,
            "input.mime_type": "application/json",
            "output.value": written(step.result),
            "output.mime_type": "application/json",
        }
    )


def _around(step: Step) -> Attributes:
    return known(
        {
            "input.value": step.input[-1].text if step.input else None,
            "output.value": step.output[-1].text if step.output else None,
            "agent.name": step.name if step.kind is StepKind.AGENT else None,
        }
    )
