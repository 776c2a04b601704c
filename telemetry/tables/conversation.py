"""What was said in a span, as blocks that a page can draw. Everything in here is hostile text and stays text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from kernel.contracts.placeholders import Numbering, Placeholder, segments
from telemetry.domain import Message, MessageState
from telemetry.queries.spans import ContentReferences
from telemetry.services.content import Opened
from ui.text import Text

LONGEST_BLOCK = 40_000  # characters of one block on a page; the rest is counted, not shown

ROLE_WORDS: dict[str, Text] = {
    "system": _("System"),
    "developer": _("Developer"),
    "user": _("User"),
    "assistant": _("Assistant"),
    "tool": _("Tool"),
    "function": _("Function"),
    "document": _("Document"),
    "query": _("Search query"),
    "tool_arguments": _("Arguments of the tool"),
    "tool_result": _("Result of the tool"),
    "status": _("Error message"),
    "other": _("Other"),
}

PLACE_WORDS: dict[str, Text] = {
    "input": _("In"),
    "output": _("Out"),
    "query": _("Query"),
    "tool_arguments": _("Arguments"),
    "tool_result": _("Result"),
    "status": _("Error"),
}

_LOOKS = {"tool": "tool", "function": "tool", "tool_arguments": "tool", "tool_result": "tool"}


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a message: flowing text, or a framed block with a head."""

    text: SafeString | str
    head: Text = ""
    detail: str = ""
    cut: int = 0

    @property
    def framed(self) -> bool:
        return bool(self.head)


@dataclass(frozen=True, slots=True)
class Turn:
    """A message as a page shows it. Without blocks it is kept as an id, or waits; `state` says which."""

    id: str
    place: Text
    role: Text
    look: str
    blocks: tuple[Block, ...]
    state: MessageState | None
    score: str | None = None
    name: str | None = None


def conversation(
    content: ContentReferences, opened: Mapping[str, Opened], *, numbering: Numbering | None = None
) -> list[Turn]:
    """Every message of a span in the order of reading, documents left out.

    `numbering` numbers what is masked; a page hands the same one to everything that it shows.
    """
    given = numbering or Numbering()
    return [
        _turn(id_, opened.get(id_), PLACE_WORDS.get(place, place), place, given)
        for place, ids in content.places
        for id_ in ids
    ]


def documents(
    content: ContentReferences, opened: Mapping[str, Opened], *, numbering: Numbering | None = None
) -> list[Turn]:
    """The retrieved documents, best first as the sender ranked them."""
    given = numbering or Numbering()
    return [
        _turn(item.id, opened.get(item.id), "", "document", given, score=item.score, name=item.name)
        for item in content.documents
    ]


def _turn(
    id_: str,
    found: Opened | None,
    place: Text,
    kept_as: str,
    numbering: Numbering,
    *,
    score: str | None = None,
    name: str | None = None,
) -> Turn:
    message = found.message if found else None
    role = message.role if message else (kept_as if kept_as in ROLE_WORDS else "")
    is_masked = found is not None and found.state is MessageState.MASKED
    masked = Masked(numbering, id_) if is_masked else None
    return Turn(
        id=id_,
        place=place,
        role=ROLE_WORDS.get(role, role),
        look=_LOOKS.get(role, role if role in ROLE_WORDS else "other"),
        blocks=tuple(_blocks(message, masked=masked)) if message else (),
        state=found.state if found else None,
        score=score,
        name=name,
    )


def _blocks(message: Message, *, masked: Masked | None) -> Iterator[Block]:
    for part in message.parts:
        yield _block(part if isinstance(part, dict) else {"type": "json", "content": part}, masked=masked)


def _block(part: dict[str, Any], *, masked: Masked | None) -> Block:  # noqa: PLR0911  # one answer per kind of part reads best
    match part.get("type"):
        case "text":
            return _text(part.get("content"), masked=masked)
        case "reasoning":
            return _text(part.get("content"), head=_("Reasoning"), masked=masked)
        case "tool_call" | "server_tool_call":
            return _text(
                part.get("arguments"), head=_("Calls a tool"), detail=_name_and_id(part), masked=masked
            )
        case "tool_call_response" | "server_tool_call_response":
            return _text(
                part.get("response"), head=_("Result of a tool"), detail=_name_and_id(part), masked=masked
            )
        case "document":
            return _text(part.get("content"), detail=_name_and_id(part), masked=masked)
        case "json":
            return _text(part.get("content"), head=_("Data"), masked=masked)
        case "exception":
            return _exception(part, masked=masked)
        case "uri" | "file":
            return _text(
                part.get("uri") or part.get("file_id"),
                head=_("Kept elsewhere"),
                detail=_word(part, "modality"),
                masked=masked,
            )
        case "blob":
            return Block(
                str(_("Not shown here.")),
                head=_("Binary content"),
                detail=_word(part, "mime_type", "modality"),
            )
        case _:
            return _text(part, head=_("Other content"), detail=_word(part, "type"), masked=masked)


def _exception(part: dict[str, Any], *, masked: Masked | None) -> Block:
    lines = [str(part[name]) for name in ("content", "stacktrace") if part.get(name)]
    return _text("\n".join(lines), head=_("Exception"), detail=_word(part, "name"), masked=masked)


def _name_and_id(part: dict[str, Any]) -> str:
    return " · ".join(word for word in (_word(part, "name"), _word(part, "id"), _word(part, "uri")) if word)


def _word(part: dict[str, Any], *names: str) -> str:
    for name in names:
        value = part.get(name)
        if isinstance(value, str) and value:
            return value[:200]
    return ""


def _text(value: Any, *, masked: Masked | None, head: Text = "", detail: str = "") -> Block:
    text = written(value)
    cut = max(0, len(text) - LONGEST_BLOCK)
    shown: SafeString | str = text[:LONGEST_BLOCK]
    return Block(masked.shown(shown) if masked else shown, head=head, detail=detail, cut=cut)


def written(value: Any) -> str:
    """A value as text: strings as they are (JSON in them unfolded), anything else as indented JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        unfolded = _unfolded(value)
        return value if unfolded is None else unfolded
    return json.dumps(value, ensure_ascii=False, indent=2)


def _unfolded(text: str) -> str | None:
    if text[:1] not in {"{", "["} or len(text) > LONGEST_BLOCK:
        return None
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return None


_placeholder_words: dict[str, Text] = {}


def describe(words: Mapping[str, Text]) -> None:
    """Give types of placeholders their short words: `{"PERSON": _("person")}`, in an app's `ready()`."""
    _placeholder_words.update(words)


@dataclass(frozen=True, slots=True)
class Masked:
    """How the masked text of one message is shown: its placeholders in the reader's words, numbered over the page."""

    numbering: Numbering
    message: str

    def shown(self, text: str) -> SafeString:
        """Masked text with its placeholders marked as such, everything escaped."""
        return marked(text, self)

    def word(self, placeholder: Placeholder) -> str:
        """`person 1`: the type in words, or its code where nobody gave any, and the number."""
        kind = _placeholder_words.get(placeholder.type, placeholder.type)
        return f"{kind}\u00a0{self.numbering.of(placeholder, self.message)}"


def marked(text: str, masked: Masked) -> SafeString:
    """Masked text with its placeholders marked as such, everything escaped."""
    shown = SafeString("")
    for piece in segments(text):
        if isinstance(piece, str):
            shown += format_html("{}", piece)
        else:
            shown += format_html(
                '<span class="masked" title="{}">‹{}›</span>', piece.type, masked.word(piece)
            )
    return shown
