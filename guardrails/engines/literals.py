"""The literals of a JSON text: what its strings and numbers say, where that stands, and how to replace it. Pure.

Offsets are those of the JSON as it is written, escapes and all; a replacement never cuts an escape in two, and a number
that is replaced becomes a string.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from guardrails.domain import Finding
from guardrails.engines.masking import Mask, apply, disjoint

_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)', re.DOTALL)
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL
)
_MOST_CHARACTERS = 2_000_000
_FEWEST_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text inside another, with the way back to the offsets it came from."""

    text: str
    start: int
    offsets: tuple[int, ...] | None = (
        None  # where each character begins and the last one ends; None: one to one
    )

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where [start, end) of this text stands in the text it came from."""
        if self.offsets is None:
            return self.start + start, self.start + end
        return self.offsets[start], self.offsets[end]


@dataclass(frozen=True, slots=True)
class Spot:
    """One literal of a JSON text."""

    piece: Piece
    is_key: bool
    is_number: bool


def number_text(value: float) -> str:
    """A number as JSON writes it."""
    return json.dumps(value)


def spots(text: str) -> list[Spot] | None:
    """The literals of a JSON object or list, in order; None where the text is something else."""
    if not _may_be_json(text):
        return None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    return [_spot(match) for match in _LITERAL.finditer(text)]


def _may_be_json(text: str) -> bool:
    ends = text[:64].lstrip()[:1] + text[-64:].rstrip()[-1:]
    return ends in {"{}", "[]"} and len(text) <= _MOST_CHARACTERS


def _spot(match: re.Match[str]) -> Spot:
    if match[3] is not None:
        return Spot(Piece(match[3], match.start(3)), is_key=False, is_number=True)
    return Spot(_string(match[1], match.start(1)), is_key=match[2] is not None, is_number=False)


def _string(raw: str, start: int) -> Piece:
    if "\\" not in raw:
        return Piece(raw, start)
    characters: list[str] = []
    offsets: list[int] = []
    for match in _CHARACTER.finditer(raw):
        characters.append(_decoded(match[0]))
        offsets.append(start + match.start())
    return Piece("".join(characters), start, (*offsets, start + len(raw)))


def _decoded(written: str) -> str:
    return written if len(written) == 1 else str(json.loads(f'"{written}"'))


def pieces(text: str) -> Iterator[tuple[Piece, str]]:
    """What a text says, and under which key: the text itself, or the literals of a text that is JSON."""
    found = spots(text)
    if found is None:
        yield Piece(text, 0), ""
        return
    key = ""
    for spot in found:
        if spot.is_key and _plain_key(spot.piece.text):
            key = spot.piece.text
        elif not spot.is_number or sum(map(str.isdigit, spot.piece.text)) >= _FEWEST_DIGITS:
            yield spot.piece, key


def _plain_key(key: str) -> bool:
    return (
        key.isascii()
        and len(key) <= 64
        and "@" not in key
        and " " not in key
        and not re.search(r"\d{6}", key)
    )


def masked(
    text: str, found: list[Spot], findings: Iterable[Finding], write: Callable[[str, str], str]
) -> str:
    """The JSON text with its findings replaced inside its literals; `write` gives the placeholder of (type, value)."""
    replacements = [
        mask for finding in disjoint(findings, len(text)) for mask in _replacements(finding, found, write)
    ]
    return apply(text, _once(replacements))


def _replacements(finding: Finding, found: list[Spot], write: Callable[[str, str], str]) -> Iterator[Mask]:
    at = max(0, bisect_right([spot.piece.start for spot in found], finding.start) - 1)
    for spot in found[at:]:
        if spot.piece.start >= finding.end:
            return
        inside = _inside(spot.piece, finding.start, finding.end)
        if inside is None:
            continue
        start, end = (0, len(spot.piece.text)) if spot.is_number else inside
        written = write(finding.type, spot.piece.text[start:end])
        yield Mask(*spot.piece.original(start, end), f'"{written}"' if spot.is_number else written)


def _inside(piece: Piece, start: int, end: int) -> tuple[int, int] | None:
    """The characters of a piece that [start, end) of the original touches; a touched escape counts whole."""
    if piece.offsets is None:
        first, last = max(0, start - piece.start), min(len(piece.text), end - piece.start)
    else:
        first = max(0, bisect_right(piece.offsets, start) - 1)
        last = min(len(piece.text), bisect_left(piece.offsets, end))
    return (first, last) if first < last else None


def _once(replacements: list[Mask]) -> list[Mask]:
    """Where two findings touched one escape or one number, the first stands for both."""
    kept: list[Mask] = []
    for mask in replacements:
        if kept and mask.start < kept[-1].end:
            kept[-1] = Mask(kept[-1].start, max(kept[-1].end, mask.end), kept[-1].written)
        else:
            kept.append(mask)
    return kept
