"""Messages as the GenAI conventions write them: a list of `{"role", "parts"}`, as a JSON string."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

Message = Mapping[str, Any]
Messages = str | Message | Sequence[str | Message]


def as_json(value: object) -> str:
    """JSON of anything; what JSON has no word for is written as text."""
    return json.dumps(value, ensure_ascii=False, default=str)


def messages_as_json(messages: Messages, *, role: str) -> str:
    """One message or many, plain texts or chat messages of the usual shapes. A plain text is said by `role`."""
    items = [messages] if isinstance(messages, (str, Mapping)) else messages
    return as_json([_message(item, role) for item in items])


def _message(item: object, role: str) -> dict[str, Any]:
    if not isinstance(item, Mapping):
        return {"role": role, "parts": [_text_part(str(item))]}
    if "parts" in item:
        return dict(item)
    spoken = str(item.get("role", role))
    answered = item.get("tool_call_id")
    if answered is not None:
        part = {"type": "tool_call_response", "id": answered, "response": item.get("content")}
        return {"role": spoken, "parts": [part]}
    parts = [*_content_parts(item.get("content")), *map(_tool_call, item.get("tool_calls") or ())]
    message = {"role": spoken, "parts": parts}
    return message | ({"finish_reason": item["finish_reason"]} if "finish_reason" in item else {})


def _content_parts(content: object) -> list[dict[str, Any]]:
    if content is None:
        return []
    if isinstance(content, (list, tuple)):
        return [_part(part) for part in content]
    return [_text_part(str(content))]


def _part(part: object) -> dict[str, Any]:
    if not isinstance(part, Mapping):
        return _text_part(str(part))
    return _text_part(str(part["text"])) if "text" in part else dict(part)


def _text_part(text: str) -> dict[str, Any]:
    return {"type": "text", "content": text}


def _tool_call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call.get("function", call)
    return {
        "type": "tool_call",
        "id": call.get("id"),
        "name": function.get("name"),
        "arguments": function.get("arguments"),
    }
