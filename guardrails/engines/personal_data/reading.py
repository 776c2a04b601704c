"""How a text is read: what hides characters from rules is taken out, long texts go in chunks; offsets find back. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

CHUNK = 4_000
OVERLAP = 400
"""Characters. What is found in an overlap counts once, in the half that is nearer to its chunk's middle."""

_ODD = re.compile(
    "[\u0000\u00ad\u0300-\u036f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ud800-\udfff]"
)
_INVISIBLE = frozenset(
    "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)


@dataclass(frozen=True, slots=True)
class Readable:
    """A text as rules read it, and where each of its characters begins and ends in the original (None: the same)."""

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] = ()

    def original(self, start: int, end: int) -> tuple[int, int]:
        """[start, end) in the original; an accent belongs to its letter."""
        if self.starts is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def readable(text: str) -> Readable:
    """Letters with combining accents become one character, invisible ones go, NUL and lone surrogates become blanks.

    Where nothing of that occurs, as nearly always, the text is what it was.
    """
    if not _ODD.search(text):
        return Readable(text)
    written: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, cluster in _clusters(text):
        composed = _readable_cluster(cluster)
        written.append(composed)
        starts += [start] * len(composed)
        ends += [start + len(cluster)] * len(composed)
    return Readable("".join(written), tuple(starts), tuple(ends))


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not "\u0300" <= text[at] <= "\u036f":
            if start < at:
                yield start, text[start:at]
            start = at


def _readable_cluster(cluster: str) -> str:
    if cluster in _INVISIBLE:
        return ""
    if len(cluster) > 1:
        cluster = unicodedata.normalize("NFC", cluster[:4])
    return " " if cluster == "\0" or "\ud800" <= cluster[0] <= "\udfff" else cluster


@dataclass(frozen=True, slots=True)
class Chunk:
    """[start, end) of a text is read; what begins in [own_start, own_end) counts here."""

    start: int
    end: int
    own_start: int
    own_end: int


def chunks(text: str) -> Iterator[Chunk]:
    """The chunks of a text: at most CHUNK characters each, cut at blanks where there are some."""
    start, own_start = 0, 0
    while len(text) - start > CHUNK:
        end = _cut(text, start + CHUNK)
        own_end = end - OVERLAP // 2
        yield Chunk(start, end, own_start, own_end)
        start, own_start = _cut(text, end - OVERLAP), own_end
    yield Chunk(start, len(text), own_start, len(text) + 1)


def _cut(text: str, at: int) -> int:
    """Just behind the last blank within 100 characters before `at`, or `at`."""
    for candidate in range(at, max(0, at - OVERLAP // 4), -1):
        if text[candidate - 1].isspace():
            return candidate
    return at
