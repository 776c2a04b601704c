"""What was said in a span, place by place, as messages under a known role."""

from __future__ import annotations

from typing import Any, NamedTuple

from telemetry.domain import Document, NormalisedSpan, SpanStatus

ROLES = frozenset({
    "system", "developer", "user", "assistant", "tool", "function",
    "document", "query", "tool_arguments", "tool_result", "status", "other",
})  # fmt: skip
"""The roles that are written. A role column is plain text, so an unknown role, which may hold anything, is `other`."""

ROLE_ALIASES = {
    "human": "user",
    "ai": "assistant",
    "model": "assistant",
    "chatbot": "assistant",
    "bot": "assistant",
}

EXCEPTION_EVENTS = frozenset({"exception", "gen_ai.client.operation.exception"})


_ERROR = SpanStatus.ERROR


class Place(NamedTuple):
    """Where something was said: a key of the `content` column."""

    key: str
    many: bool = False


INPUT = Place("input", many=True)
OUTPUT = Place("output", many=True)
DOCUMENTS = Place("documents", many=True)
QUERY = Place("query")
TOOL_ARGUMENTS = Place("tool_arguments")
TOOL_RESULT = Place("tool_result")
STATUS = Place("status")


class Turn(NamedTuple):
    """One message with its place; `document` where it is one."""

    place: Place
    role: str
    parts: list[dict[str, Any]]
    document: Document | None = None


def spoken(span: NormalisedSpan) -> list[Turn]:
    """What was said to and by the model and its tools. Empty: nothing was captured."""
    turns = [Turn(INPUT, known_role(message.role), message.parts) for message in span.input_messages]
    turns += [Turn(OUTPUT, known_role(message.role), message.parts) for message in span.output_messages]
    turns += [
        Turn(DOCUMENTS, "document", [_document_part(document)], document) for document in span.documents
    ]
    if span.query_text is not None:
        turns.append(Turn(QUERY, "query", [{"type": "text", "content": span.query_text}]))
    if span.tool_arguments is not None:
        turns.append(
            Turn(TOOL_ARGUMENTS, "tool_arguments", [{"type": "json", "content": span.tool_arguments}])
        )
    if span.tool_result is not None:
        turns.append(Turn(TOOL_RESULT, "tool_result", [{"type": "json", "content": span.tool_result}]))
    return turns


def complaint(span: NormalisedSpan) -> Turn | None:
    """The status message and the exceptions of a span: they quote what was said often enough to be content."""
    wire = span.span
    parts: list[dict[str, Any]] = []
    if wire.status is _ERROR and wire.status_message:
        parts.append({"type": "text", "content": wire.status_message})
    if wire.events:
        parts += [
            _exception_part(event.attributes) for event in wire.events if event.name in EXCEPTION_EVENTS
        ]
    return Turn(STATUS, "status", parts) if parts else None


def known_role(role: str) -> str:
    """The role in our words."""
    if role in ROLES:
        return role
    lowered = role.strip().lower()
    lowered = ROLE_ALIASES.get(lowered, lowered)
    return lowered if lowered in ROLES else "other"


def _document_part(document: Document) -> dict[str, Any]:
    part = {
        "type": "document",
        "id": document.id,
        "uri": document.uri,
        "content": document.content,
        "metadata": document.metadata,
    }
    return {key: value for key, value in part.items() if value is not None}


def _exception_part(attributes: dict[str, Any]) -> dict[str, Any]:
    part = {
        "type": "exception",
        "name": attributes.get("exception.type"),
        "content": attributes.get("exception.message"),
        "stacktrace": attributes.get("exception.stacktrace"),
    }
    return {key: value for key, value in part.items() if value is not None}
