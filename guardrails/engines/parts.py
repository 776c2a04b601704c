"""A message's parts as text to scan, and the parts again with findings masked. Pure.

Parts are lists of JSON objects in the shape of `telemetry.domain.Message.parts`. Every string in them is text, but for
ids, types and the names of tools; numbers long enough to be somebody's are text too, and so are keys that are no names of
fields. A string that is itself JSON is read literal by literal, with offsets into the string as it stands, so that what
is masked stays JSON.

A place is named by a JSON pointer into the parts. A key that is itself scanned is never written into a pointer: the
member stands there by its index (`~k3`), its key as `~k3~n`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from guardrails.domain import ContentEngine, Finding
from guardrails.engines import literals
from guardrails.engines.masking import Labels, apply, masks, placeholder

Part = dict[str, Any]
Found = Mapping[str, Sequence[Finding]]
"""Findings by pointer, their offsets in the text that `walk` gives for it."""

_NOT_SAID = frozenset({"type", "id", "modality", "mime_type", "finish_reason"})
_TOOL_PARTS = frozenset({"tool_call", "tool_call_response"})
_FIELD_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.-]{0,63}", re.ASCII)
_MOST_DIGITS_IN_A_NAME = 5
_FEWEST_DIGITS = 7
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_$.-]+")


@dataclass(frozen=True, slots=True)
class Place:
    """One text of a message: where it stands, what it says, and what its field is called."""

    pointer: str
    text: str
    hint: str = ""


def walk(parts: Sequence[Part]) -> Iterator[Place]:
    """Every text of the parts. Reads all depths; order is that of the parts."""
    for index, part in enumerate(parts):
        for key, value in part.items():
            if not _is_structure(part, key, value):
                yield from _places(value, f"/{index}/{_token(key)}", "" if key == "content" else key)


def _is_structure(part: Part, key: str, value: Any) -> bool:
    kind = part.get("type")
    if key in _NOT_SAID:
        return isinstance(value, str)
    if key == "name" and kind in _TOOL_PARTS:
        return isinstance(value, str)
    if kind == "blob" and key in {"content", "data"}:
        return isinstance(value, str)
    return key == "uri" and isinstance(value, str) and value.startswith("data:")


def _places(value: Any, pointer: str, hint: str) -> Iterator[Place]:
    waiting: list[tuple[Any, str, str]] = [(value, pointer, hint)]
    while waiting:
        value, pointer, hint = waiting.pop()
        text = _as_text(value)
        if text is not None:
            yield Place(pointer, text, hint)
        elif isinstance(value, dict):
            waiting += reversed(list(_members(value, pointer)))
        elif isinstance(value, list):
            waiting += reversed([(item, f"{pointer}/{index}", hint) for index, item in enumerate(value)])


def _members(value: dict[str, Any], pointer: str) -> Iterator[tuple[Any, str, str]]:
    for index, (key, item) in enumerate(value.items()):
        if _names_a_field(key):
            yield item, f"{pointer}/{_token(key)}", key
        else:
            yield str(key), f"{pointer}/~k{index}~n", ""
            yield item, f"{pointer}/~k{index}", ""


def _as_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = literals.number_text(value)
        return text if sum(map(str.isdigit, text)) >= _FEWEST_DIGITS else None
    return None


def _names_a_field(key: Any) -> bool:
    if not isinstance(key, str) or not _FIELD_NAME.fullmatch(key):
        return False
    return sum(map(str.isdigit, key)) <= _MOST_DIGITS_IN_A_NAME


def _token(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


# --- scanning


@dataclass(frozen=True, slots=True)
class PartsScan:
    """What a scan of a message came to."""

    found: dict[str, tuple[Finding, ...]]
    language: str | None = None

    @property
    def count(self) -> int:
        """How many findings there are."""
        return sum(map(len, self.found.values()))


@dataclass(slots=True)
class _Page:
    """All texts of a message as one text, so that language and context are those of the whole."""

    written: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    pieces: list[tuple[str, literals.Piece]] = field(default_factory=list)
    length: int = 0

    def add(self, pointer: str, piece: literals.Piece, hint: str) -> None:
        said = _CAMEL.sub(" ", hint).strip().lower()
        before = f"{said}: " if said else ""
        self.starts.append(self.length + len(before))
        self.pieces.append((pointer, piece))
        self.written += (before, piece.text, "\n\n")
        self.length += len(before) + len(piece.text) + 2

    def text(self) -> str:
        return "".join(self.written)

    def places_of(self, found: Finding) -> Iterator[tuple[str, Finding]]:
        """The finding in the texts it touches, with offsets in each."""
        at = max(0, bisect_right(self.starts, found.start) - 1)
        while at < len(self.pieces) and self.starts[at] < found.end:
            pointer, piece = self.pieces[at]
            start = max(0, found.start - self.starts[at])
            end = min(len(piece.text), found.end - self.starts[at])
            if start < end and piece.text[start:end].strip():
                yield pointer, Finding(found.type, *piece.original(start, end), found.score)
            at += 1


def scan_parts(engine: ContentEngine, parts: Sequence[Part], *, threshold: float) -> PartsScan:
    """Scan a whole message at once. Findings by pointer, offsets in the text that `walk` gives for the pointer."""
    page = _Page()
    for place in walk(parts):
        for piece, key in literals.pieces(place.text):
            page.add(place.pointer, piece, key or place.hint)
    scan = engine.scan(page.text(), threshold=threshold)
    found: dict[str, list[Finding]] = {}
    for finding in scan.findings:
        for pointer, placed in page.places_of(finding):
            found.setdefault(pointer, []).append(placed)
    return PartsScan(
        {pointer: tuple(sorted(here, key=_start)) for pointer, here in found.items()}, scan.language
    )


def _start(found: Finding) -> int:
    return found.start


# --- masking


def mask_parts(parts: Sequence[Part], found: Found, labels: Labels | None = None) -> list[Part]:
    """New parts with every finding replaced by its placeholder; what was no finding stays, look-alikes escaped.

    A number that holds a finding becomes a string. A string that was JSON stays JSON.
    """
    labels = Labels() if labels is None else labels
    return [
        {
            key: value
            if _is_structure(part, key, value)
            else _masked(value, f"/{index}/{_token(key)}", found, labels)
            for key, value in part.items()
        }
        for index, part in enumerate(parts)
    ]


def _masked(value: Any, pointer: str, found: Found, labels: Labels) -> Any:
    root: list[Any] = [value]
    waiting: list[tuple[Any, Any, Any, str]] = [(value, root, 0, pointer)]
    while waiting:
        value, holder, slot, pointer = waiting.pop()
        if isinstance(value, dict):
            holder[slot] = {}
            waiting += reversed(_copied_members(value, holder[slot], pointer, found, labels))
        elif isinstance(value, list):
            holder[slot] = list(value)
            items = [(item, holder[slot], index, f"{pointer}/{index}") for index, item in enumerate(value)]
            waiting += reversed(items)
        else:
            holder[slot] = _masked_leaf(value, found.get(pointer, ()), labels)
    return root[0]


def _copied_members(
    value: dict[str, Any], into: dict[str, Any], pointer: str, found: Found, labels: Labels
) -> list[tuple[Any, Any, Any, str]]:
    copied = []
    for index, (key, item) in enumerate(value.items()):
        if _names_a_field(key):
            copied.append((item, into, key, f"{pointer}/{_token(key)}"))
        else:
            here = f"{pointer}/~k{index}"
            written = _free_key(_masked_leaf(str(key), found.get(f"{here}~n", ()), labels), into)
            copied.append((item, into, written, here))
        into[copied[-1][2]] = None  # keeps the order of the members
    return copied


def _free_key(key: str, taken: Mapping[str, Any]) -> str:
    while key in taken:
        key += "′"
    return key


def _masked_leaf(value: Any, findings: Iterable[Finding], labels: Labels) -> Any:
    text = _as_text(value)
    if text is None:
        return value
    if not isinstance(value, str):
        hidden = masks(text, findings, labels)
        return apply(text, hidden) if hidden else value
    spots = literals.spots(text)
    if spots is None:
        return apply(text, masks(text, findings, labels))
    return literals.masked(text, spots, findings, lambda kind, said: placeholder(kind, said, labels))
