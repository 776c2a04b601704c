"""Messages from events and log records, one each (GenAI conventions up to 1.36)."""

from __future__ import annotations

from typing import Any

from telemetry.domain import DecodedEvent, Message
from telemetry.normalise import messages as shapes
from telemetry.normalise.parsers import parsed_json, text

_ROLES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
    "gen_ai.choice": "assistant",
}


def event_messages(events: list[DecodedEvent]) -> list[Message] | None:
    """The message of each event, in order; its role is the event's name unless it says another."""
    found = [_message(event) for event in events]
    return [one for one in found if one is not None and one.parts] or None


def event_finish_reasons(events: list[DecodedEvent]) -> list[str] | None:
    """Why each choice ended."""
    reasons = [text(body_of(event).get("finish_reason")) for event in events]
    return [reason for reason in reasons if reason is not None] or None


def message_finish_reasons(value: Any) -> list[str] | None:
    """`finish_reason` of output messages, where the span itself does not say."""
    if isinstance(value, str):
        if "finish_reason" not in value and "\\u" not in value:
            return None  # looked for before the text is parsed again, only to find none: letters are escaped as \\u alone
        value = parsed_json(value)
    items = value if isinstance(value, list) else []
    reasons = [text(item.get("finish_reason")) for item in items if isinstance(item, dict)]
    return [reason for reason in reasons if reason is not None] or None


def body_of(event: DecodedEvent) -> dict[str, Any]:
    """What the event says: its body, else the JSON in `gen_ai.event.content`, else its attributes."""
    body = event.body
    if isinstance(body, str):
        body = parsed_json(body)
    if isinstance(body, dict) and body:
        return body
    content = event.attributes.get("gen_ai.event.content")
    opened = parsed_json(content) if isinstance(content, str) else content
    return opened if isinstance(opened, dict) else event.attributes


def _message(event: DecodedEvent) -> Message | None:
    role = _ROLES.get(event.name, "user")
    body = body_of(event)
    said = body.get("message")
    if isinstance(said, str):
        opened = parsed_json(said)
        said = opened if isinstance(opened, dict) else {"content": said}
    one = {**said, "tool_calls": _first(said, body, "tool_calls")} if isinstance(said, dict) else dict(body)
    if role == "tool" and "tool_call_id" not in one:
        one["tool_call_id"] = one.get("id")
    return shapes.message(one, role)


def _first(one: dict[str, Any], other: dict[str, Any], key: str) -> Any:
    return one.get(key) or other.get(key)
