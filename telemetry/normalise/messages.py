"""Messages from every shape they come in: OTel's own, OpenAI's, Anthropic's, Google's, LangChain's, Vercel's.

All readers are total: what is no message becomes the text of one, so that nothing said goes unchecked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telemetry.domain import Message
from telemetry.normalise.parsers import as_text, parsed_json

Part = dict[str, Any]

MAX_MESSAGES = 10_000

_WRAPPERS = ("messages", "contents", "choices", "generations", "candidates", "inputs", "outputs")
"""Keys under which whole lists of messages hide."""

_PLAIN_MESSAGE = frozenset({"role", "parts", "content", "finish_reason", "name"})
"""The fields of a message that wraps nothing, calls nothing and answers no call."""


def input_messages(value: Any) -> list[Message] | None:
    """What went in; text without a role is the user's."""
    return messages(value, "user")


def output_messages(value: Any) -> list[Message] | None:
    """What came out; text without a role is the assistant's."""
    return messages(value, "assistant")


def messages(value: Any, role: str) -> list[Message] | None:
    """All messages in a value, in order; None when it holds none."""
    found: list[Message] = []
    _gather(_unfolded(value), role, found)
    return found or None


def json_texts(value: Any) -> list[Message] | None:
    """Texts that were each written as JSON, quotes and all: the values that the Vercel AI SDK embeds."""
    items = value if isinstance(value, list) else [value]
    opened = [parsed_json(item) if isinstance(item, str) else item for item in items]
    return input_messages([item if text is None else text for item, text in zip(items, opened, strict=True)])


def instructions(value: Any) -> list[Message] | None:
    """System instructions: a text, or a list of parts."""
    found = parts(_unfolded(value))
    return [Message("system", found)] if found else None


def tool_calls(value: Any) -> list[Part] | None:
    """Tool calls of an answer, as parts."""
    value = _unfolded(value)
    calls = [tool_call(call) for call in value if isinstance(call, dict)] if isinstance(value, list) else []
    return calls or None


def message(value: dict[str, Any], role: str) -> Message:
    """One message object, whatever it calls its fields."""
    value = _opened(value)
    said = value.get("parts", value.get("content"))
    if isinstance(said, dict) and "parts" in said:  # Google's candidates
        value, said = {**said, **value}, said["parts"]
    found = parts(said)
    calls = value.get("tool_calls")
    if isinstance(calls, list):
        found += [tool_call(call) for call in calls if isinstance(call, dict)]
    role = _role(value, role)
    answers = value.get("tool_call_id")
    if isinstance(answers, str) and role == "tool":
        found = [{"type": "tool_call_response", "id": answers, "response": _response(found)}]
    return Message(role, found)


def parts(value: Any) -> list[Part]:
    """The parts of one message's content."""
    if value is None or value == "":
        return []
    if isinstance(value, str):
        return [{"type": "text", "content": value}]
    if isinstance(value, dict):
        return [part(value)]
    if isinstance(value, list):
        gathered: list[Part] = []
        for inner in value:
            if inner.__class__ is dict:
                gathered.append(part(inner))
            else:
                gathered += parts(inner)
        return gathered
    return [{"type": "text", "content": as_text(value)}]


def part(value: dict[str, Any]) -> Part:
    """One part in OTel's shape. Unknown parts stay as they are, under a type."""
    kind = value.get("type")
    reader = _PARTS.get(kind) if isinstance(kind, str) else _part_without_type(value)
    if reader is not None:
        return reader(value)
    return value if isinstance(kind, str) else {**value, "type": "generic"}


def tool_call(value: dict[str, Any]) -> Part:
    """A call of a tool, from OpenAI's, Anthropic's, Google's, LangChain's or Vercel's words."""
    function = value.get("function")
    inner = function if isinstance(function, dict) else value
    arguments = _first(inner, "arguments", "args", "input")
    call = {
        "type": "tool_call",
        "id": _first(value, "id", "toolCallId", "tool_call_id"),
        "name": _first(inner, "name", "toolName"),
        "arguments": parsed_json(arguments) or arguments if isinstance(arguments, str) else arguments,
    }
    return {key: field for key, field in call.items() if field is not None}


def _tool_response(value: dict[str, Any]) -> Part:
    response = _first(value, "response", "content", "result", "output")
    answer = {
        "type": "tool_call_response",
        "id": _first(value, "id", "toolCallId", "tool_use_id", "call_id"),
        "name": _first(value, "name", "toolName"),
        "response": response,
    }
    return {key: field for key, field in answer.items() if field is not None}


def _text(value: dict[str, Any]) -> Part:
    if value.get("type") == "text" and isinstance(value.get("content"), str):
        return value  # OTel's own
    said = _first(value, "content", "text", "refusal")
    return {"type": "text", "content": said if isinstance(said, str) else as_text(said)}


def _reasoning(value: dict[str, Any]) -> Part:
    said = _first(value, "content", "text", "thinking", "reasoning")
    return {"type": "reasoning", "content": said if isinstance(said, str) else as_text(said)}


def _image(value: dict[str, Any]) -> Part:
    image = _first(value, "image_url", "image", "uri", "url")
    address = image.get("url") if isinstance(image, dict) else image
    return {
        "type": "uri",
        "modality": "image",
        "uri": address if isinstance(address, str) else as_text(address),
    }


_PARTS: dict[str, Callable[[dict[str, Any]], Part]] = {
    "text": _text,
    "input_text": _text,
    "output_text": _text,
    "refusal": _text,
    "reasoning": _reasoning,
    "thinking": _reasoning,
    "image_url": _image,
    "input_image": _image,
    "image": _image,
    "tool_call": tool_call,
    "tool-call": tool_call,
    "tool_use": tool_call,
    "function_call": tool_call,
    "tool_call_response": _tool_response,
    "tool-result": _tool_response,
    "tool_result": _tool_response,
    "function_call_output": _tool_response,
}


def _part_without_type(value: dict[str, Any]) -> Callable[[dict[str, Any]], Part] | None:
    """Google's parts say what they are by their key."""
    if "functionCall" in value or "function_call" in value:
        return lambda part_: tool_call(_inner(part_, "functionCall", "function_call"))
    if "functionResponse" in value or "function_response" in value:
        return lambda part_: _tool_response(_inner(part_, "functionResponse", "function_response"))
    return _text if isinstance(value.get("text"), str) or isinstance(value.get("content"), str) else None


def _inner(value: dict[str, Any], *keys: str) -> dict[str, Any]:
    found = _first(value, *keys)
    return found if isinstance(found, dict) else value


def _gather(value: Any, role: str, found: list[Message]) -> None:
    if value is None or value == {} or len(found) >= MAX_MESSAGES:
        return
    if isinstance(value, str):
        if value.strip():
            found.append(Message(role, [{"type": "text", "content": value}]))
    elif isinstance(value, list):
        for inner in value:
            _gather(inner, role, found)
    elif isinstance(value, dict):
        _gather_object(value, role, found)
    else:
        found.append(Message(role, [{"type": "text", "content": as_text(value)}]))


def _gather_object(value: dict[str, Any], role: str, found: list[Message]) -> None:
    if value.keys() <= _PLAIN_MESSAGE and _gather_plain(value, role, found):
        return
    if "role" not in value:
        value = _opened(value)
    wrapped = None
    if "role" not in value:
        wrapped = next((key for key in _WRAPPERS if isinstance(value.get(key), list | dict)), None)
    if isinstance(value.get("message"), dict):  # a choice, a generation
        _gather(value["message"], role, found)
    elif wrapped is not None:
        _preface(value, found)
        _gather(value[wrapped], role, found)
    elif _is_message(value):
        one = message(value, role)
        if one.parts:
            found.append(one)
    elif _is_part(value):
        found.append(Message(role, [part(value)]))
    else:
        _gather_rest(value, role, found)


def _gather_plain(value: dict[str, Any], role: str, found: list[Message]) -> bool:
    """Nearly all messages: nothing to open. False where it is another sort of object after all."""
    told, said = value.get("role"), value.get("parts", value.get("content"))
    if told.__class__ is not str or (said.__class__ is not list and said.__class__ is not str):
        return False
    gathered = parts(said)
    if gathered:
        found.append(Message(told or role, gathered))
    return True


def _gather_rest(value: dict[str, Any], role: str, found: list[Message]) -> None:
    """Requests and answers that carry their text under other names, and anything else as JSON text."""
    said = _first(value, "prompt", "input", "output", "text", "question", "query", "answer", "outputs")
    if said is None or (len(value) > 1 and not isinstance(said, str | list)):
        said = as_text(value)
    _preface(value, found)
    _gather(said, role, found)


def _preface(value: dict[str, Any], found: list[Message]) -> None:
    """System text beside a list of messages (Anthropic, Vercel, the Responses API)."""
    for key in ("system", "instructions"):
        said = parts(value.get(key))
        if said:
            found.append(Message("system", said))


def _opened(value: dict[str, Any]) -> dict[str, Any]:
    """LangChain wraps messages: {"lc": 1, "id": […, "HumanMessage"], "kwargs": {…}} or {"type": "human", "data": {…}}."""
    kwargs, data = value.get("kwargs"), value.get("data")
    if "lc" in value and isinstance(kwargs, dict):
        return {"type": _lc_type(value.get("id")), **kwargs}
    if isinstance(data, dict) and isinstance(value.get("type"), str) and "content" in data:
        return {**data, "type": value["type"]}
    return value


def _lc_type(path: Any) -> str:
    """["langchain", "schema", "messages", "HumanMessage"] → human."""
    name = path[-1] if isinstance(path, list) and path and isinstance(path[-1], str) else ""
    return name.removesuffix("Chunk").removesuffix("Message").lower()


def _role(value: dict[str, Any], role: str) -> str:
    said = value.get("role")
    if isinstance(said, str) and said:
        return said
    kind = value.get("type")
    return _TYPE_ROLES.get(kind, role) if isinstance(kind, str) else role


_TYPE_ROLES = {"human": "user", "ai": "assistant", "system": "system", "tool": "tool", "function": "tool"}


def _is_message(value: dict[str, Any]) -> bool:
    said = "content" in value or "parts" in value or "tool_calls" in value
    kind = value.get("type")
    known = kind is None or (isinstance(kind, str) and (kind in _TYPE_ROLES or kind == "message"))
    return "role" in value or (said and known)


def _is_part(value: dict[str, Any]) -> bool:
    kind = value.get("type")
    return isinstance(kind, str) and kind in _PARTS


def _response(found: list[Part]) -> Any:
    if len(found) == 1 and found[0].get("type") == "text":
        return found[0]["content"]
    return found


def _first(value: dict[str, Any], *keys: str) -> Any:
    return next((value[key] for key in keys if value.get(key) is not None), None)


def _unfolded(value: Any) -> Any:
    """JSON text opened; also a list of JSON texts, which is how some SDKs write a list of objects."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        found = parsed_json(value)
        return value if found is None else found
    if (
        isinstance(value, list)
        and value
        and all(isinstance(inner, str) and inner[:1] == "{" for inner in value)
    ):
        opened = [parsed_json(inner) for inner in value]
        return value if None in opened else opened
    return value
