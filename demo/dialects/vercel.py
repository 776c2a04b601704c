"""The AI SDK of Vercel: a wrapper span, and below it the call with what the provider said."""

from __future__ import annotations

from demo.conversations.steps import Scene, Step, StepKind
from demo.dialects.shape import Attributes, Encoded, OtelKind, known, written

NAMES = {
    StepKind.WORKFLOW: "ai.streamText",
    StepKind.AGENT: "ai.streamText",
    StepKind.LLM: "ai.streamText.doStream",
    StepKind.EMBEDDING: "ai.embed.doEmbed",
    StepKind.TOOL: "ai.toolCall",
}


def encode(step: Step, scene: Scene) -> Encoded:
    """One step of a scene. A search is the host's own tool: the AI SDK knows no retrieval."""
    name = NAMES.get(step.kind, "ai.toolCall")
    common = known(
        {
            "ai.operationId": name,
            "operation.name": name,
            "ai.telemetry.metadata.sessionId": scene.session,
            "ai.telemetry.metadata.userId": scene.user,
            "decision.id": step.decision,
        }
    )
    kind = OtelKind.CLIENT if step.kind is StepKind.LLM else OtelKind.INTERNAL
    return Encoded(name, kind, common | _own(step))


def _own(step: Step) -> Attributes:
    match step.kind:
        case StepKind.LLM:
            return _llm(step)
        case StepKind.EMBEDDING:
            return known({"ai.model.id": step.model, "ai.value": step.input[0].text if step.input else None})
        case StepKind.TOOL:
            return _tool(step)
        case StepKind.RETRIEVER:
            return _search(step)
        case _:
            asked = step.input[-1].text if step.input else ""
            answered = step.output[-1].text if step.output else ""
            return known({"ai.prompt": written({"prompt": asked}), "ai.response.text": answered})


def _llm(step: Step) -> Attributes:
    tokens, answer = step.tokens, step.output[0] if step.output else None
    calls = (
        [{"toolCallId": call.id, "toolName": call.name, "args": call.arguments} for call in answer.calls]
        if answer
        else []
    )
    return known(
        {
            "ai.model.id": step.model,
            "ai.model.provider": f"{step.provider}.messages" if step.provider else None,
            "ai.prompt.messages": written(
                [_message(turn.role, turn.text, turn.answers) for turn in step.input]
            ),
            "ai.response.text": answer.text if answer else None,
            "ai.response.toolCalls": written(calls) if calls else None,
            "ai.response.id": step.response_id,
            "ai.response.model": step.answered_by or (step.model if step.output else ""),
            "ai.response.finishReason": step.finish.replace("_", "-"),
            "ai.response.msToFirstChunk": step.first_token,
            "ai.usage.inputTokens": tokens.input if tokens else None,
            "ai.usage.outputTokens": tokens.output if tokens else None,
            "ai.usage.cachedInputTokens": tokens.cached or None if tokens else None,
            "server.address": step.address,
        }
    )


def _message(role: str, text: str, answers: str) -> dict[str, object]:
    if answers:
        result = {
            "type": "tool-result",
            "toolCallId": answers,
            "toolName": "tool",
            "output": {"type": "text", "value": text},
        }
        return {"role": "tool", "content": [result]}
    return {"role": role, "content": [{"type": "text", "text": text}]}


def _tool(step: Step) -> Attributes:
    return known(
        {
            "ai.toolCall.name": step.name,
            "ai.toolCall.id": step.call.id if step.call else None,
            "ai.toolCall.args": written(step.call.arguments) if step.call else None,
            "ai.toolCall.result": written(step.result),
        }
    )


def _search(step: Step) -> Attributes:
    found = [{"id": source.id, "score": source.score, "content": source.text} for source in step.sources]
    return {
        "ai.toolCall.name": f"search-{step.name}",
        "ai.toolCall.args": written({"query": step.query}),
        "ai.toolCall.result": written(found),
    }
