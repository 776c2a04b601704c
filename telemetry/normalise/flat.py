"""Lists that were flattened into attributes: `stem.0.message.role`, `stem.1.document.content`.

A reader gets the slots of one stem: index → {rest of the key: value}, in whatever order they came.
"""

from __future__ import annotations

import re
from typing import Any

from telemetry.domain import Document, Message
from telemetry.normalise import messages as shapes
from telemetry.normalise.documents import document
from telemetry.normalise.parsers import parsed_json, text

Slot = dict[str, Any]
Slots = dict[int, Slot]

MAX_SLOTS = 10_001
"""Of one span, all lists together: what a sender flattens beyond that is left out."""


MAX_INDEX_DIGITS = 10

_SLOT = re.compile(r"(.+?)\.(\d{1,10})(?:\.(.+))?\Z", re.DOTALL)


def split_key(key: str) -> tuple[str, int, str] | None:
    """`llm.input_messages.0.message.role` → (`llm.input_messages`, 0, `message.role`); None when nothing is flattened."""
    found = _SLOT.match(key)
    return (found[1], int(found[2]), found[3] or "") if found else None


def ordered(slots: Slots) -> list[Slot]:
    """The slots in order of their index; holes do not matter, so an index may be as large as it likes."""
    return [slots[index] for index in sorted(slots)]


def divided(slot: Slot, prefix: str = "") -> tuple[Slot, dict[str, Slots]]:
    """A slot's own fields, and the lists within it: `tool_calls.0.name` under `tool_calls`; a prefix is taken off."""
    fields: Slot = {}
    lists: dict[str, Slots] = {}
    for key, value in slot.items():
        name = key.removeprefix(prefix)
        stem, _, rest = name.partition(".")
        index, _, inner = rest.partition(".")
        if inner and len(index) <= MAX_INDEX_DIGITS and index.isdecimal():
            lists.setdefault(stem, {}).setdefault(int(index), {})[inner] = value
        else:
            fields[name] = value
    return fields, lists


def openinference_input(slots: Slots) -> list[Message] | None:
    """`llm.input_messages`."""
    return _openinference(slots, "user")


def openinference_output(slots: Slots) -> list[Message] | None:
    """`llm.output_messages`."""
    return _openinference(slots, "assistant")


def openinference_prompts(slots: Slots) -> list[Message] | None:
    """`llm.prompts`, of completions."""
    return _texts(slots, "prompt.text", "user")


def openinference_choices(slots: Slots) -> list[Message] | None:
    """`llm.choices`, of completions."""
    return _texts(slots, "completion.text", "assistant")


def embedding_texts(slots: Slots) -> list[Message] | None:
    """`embedding.embeddings`: the texts; vectors are not content that anybody reads."""
    return _texts(slots, "embedding.text", "user")


def traceloop_input(slots: Slots) -> list[Message] | None:
    """`gen_ai.prompt`."""
    return _traceloop(slots, "user")


def traceloop_output(slots: Slots) -> list[Message] | None:
    """`gen_ai.completion`."""
    return _traceloop(slots, "assistant")


def flat_finish_reasons(slots: Slots) -> list[str] | None:
    """`gen_ai.completion.*.finish_reason`."""
    reasons = [text(slot.get("finish_reason")) for slot in ordered(slots)]
    return [reason for reason in reasons if reason is not None] or None


def flat_documents(slots: Slots) -> list[Document] | None:
    """`retrieval.documents`, `reranker.output_documents`."""
    found = [
        document({key.removeprefix("document."): value for key, value in slot.items()})
        for slot in ordered(slots)
    ]
    return [one for one in found if one is not None] or None


def _openinference(slots: Slots, role: str) -> list[Message] | None:
    found = [_openinference_message(slot, role) for slot in ordered(slots)]
    return [one for one in found if one.parts] or None


def _openinference_message(slot: Slot, role: str) -> Message:
    said, spoken = slot.get("message.role"), slot.get("message.content")
    if len(slot) == 2 and isinstance(said, str) and isinstance(spoken, str) and said != "tool":
        return Message(said, shapes.parts(spoken))  # by far the most common
    fields, lists = divided(slot, "message.")
    content = shapes.parts(fields.get("content"))
    content += [_openinference_part(part) for part in ordered(lists.get("contents", {}))]
    calls = [
        shapes.tool_call(
            {
                "id": call.get("tool_call.id"),
                "name": call.get("tool_call.function.name"),
                "arguments": call.get("tool_call.function.arguments"),
            }
        )
        for call in ordered(lists.get("tool_calls", {}))
    ]
    message = {
        "role": fields.get("role"),
        "parts": content + calls,
        "tool_call_id": fields.get("tool_call_id"),
    }
    return shapes.message(message, role)


def _openinference_part(slot: Slot) -> dict[str, Any]:
    slot = {key.removeprefix("message_content."): value for key, value in slot.items()}
    kind = slot.get("type")
    if kind == "image" or "image.image.url" in slot:
        return shapes.part({"type": "image", "image": slot.get("image.image.url")})
    if "text" in slot:
        return shapes.part({"type": "reasoning" if kind == "reasoning" else "text", "text": slot["text"]})
    return {"type": kind if isinstance(kind, str) else "generic", "content": slot}


def _traceloop(slots: Slots, role: str) -> list[Message] | None:
    found = [_traceloop_message(slot, role) for slot in ordered(slots)]
    return [one for one in found if one.parts] or None


def _traceloop_message(slot: Slot, role: str) -> Message:
    fields, lists = divided(slot)
    content = fields.get("content")
    if isinstance(content, str) and content[:2] in ("[{", '""'):  # parts as JSON text; an empty answer as ""
        found = parsed_json(content)
        content = content if found is None else found
    message = {
        "role": fields.get("role"),
        "content": content,
        "tool_calls": ordered(lists.get("tool_calls", {})),
        "tool_call_id": fields.get("tool_call_id"),
    }
    return shapes.message(message, role)


def _texts(slots: Slots, key: str, role: str) -> list[Message] | None:
    found = [Message(role, shapes.parts(slot[key])) for slot in ordered(slots) if slot.get(key)]
    return found or None
