"""Masking: findings over a text become typed, visible placeholders. The form of a placeholder is kernel's.

Pure. The same value within one message gets the same label; with a key, the same value under that key does.
"""

from __future__ import annotations

import base64
import hmac
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from guardrails.domain import Finding
from kernel.contracts.placeholders import Placeholder, escape, well_formed

_WORDS = frozenset({"PERSON", "LOCATION", "ADDRESS"})
_EXACT = frozenset({"EMAIL_ADDRESS", "URL", "PASSWORD", "DATABASE_URL"})
_SEPARATORS = re.compile(r"[\s./()\-–—]+")
_TAG_BYTES = 5
_UNNAMED = "OTHER"


class Labels:
    """Gives values their labels within one message, or, with a key, the same label wherever that key is used.

    A tag is 40 bits of HMAC-SHA256 over type and value. Destroy the key, and a tag says no more than that two places
    held the same.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key
        self._ordinals: dict[str, dict[str, str]] = {}

    def of(self, kind: str, value: str) -> str:
        """The label of a value: an ordinal from 1 per type, or a keyed tag."""
        plain = same_value(kind, value)
        if self._key is not None:
            return _tag(self._key, kind, plain)
        known = self._ordinals.setdefault(kind, {})
        return known.setdefault(plain, str(len(known) + 1))


def _tag(key: bytes, kind: str, plain: str) -> str:
    digest = hmac.digest(key, f"{kind}\0{plain}".encode("utf-8", "surrogatepass"), "sha256")
    return "k" + base64.b32hexencode(digest[:_TAG_BYTES]).decode("ascii").lower()


def same_value(kind: str, value: str) -> str:
    """What two spellings of one value have in common: case, and spaces or separators where they mean nothing."""
    plain = unicodedata.normalize("NFKC", value).casefold()
    if kind in _EXACT:
        return plain.strip()
    if kind in _WORDS:
        return " ".join(plain.split())
    return _SEPARATORS.sub("", plain) or plain


def disjoint(findings: Iterable[Finding], length: int) -> list[Finding]:
    """Findings sorted and cut to a text of `length`; those that overlap become one, under the surest one's type."""
    merged: list[Finding] = []
    for finding in sorted(findings, key=lambda found: (found.start, -found.end)):
        start, end = max(0, finding.start), min(finding.end, length)
        if start >= end:
            continue
        if merged and start < merged[-1].end:
            last = merged[-1]
            surest = last if last.score >= finding.score else finding
            merged[-1] = replace(surest, start=last.start, end=max(last.end, end))
        else:
            merged.append(replace(finding, start=start, end=end))
    return merged


@dataclass(frozen=True, slots=True)
class Mask:
    """One replacement: [start, end) of the original gives way to `written`."""

    start: int
    end: int
    written: str


def masks(text: str, findings: Iterable[Finding], labels: Labels) -> list[Mask]:
    """The replacements that hide the findings, sorted, apart from each other."""
    return [
        Mask(found.start, found.end, placeholder(found.type, text[found.start : found.end], labels))
        for found in disjoint(findings, len(text))
    ]


def placeholder(kind: str, value: str, labels: Labels) -> str:
    """The placeholder of a value. A type that cannot be written stands as OTHER."""
    written = kind if well_formed(kind) else _UNNAMED
    return str(Placeholder(written, labels.of(written, value)))


def apply(text: str, replacements: Sequence[Mask]) -> str:
    """The text with its replacements, what lies between them escaped."""
    written: list[str] = []
    end = 0
    for mask in replacements:
        written += (escape(text[end : mask.start]), mask.written)
        end = mask.end
    written.append(escape(text[end:]))
    return "".join(written)


def mask(text: str, findings: Iterable[Finding], labels: Labels | None = None) -> str:
    """The text with every finding replaced. Offsets are those of `text`; overlapping findings are hidden together."""
    return apply(text, masks(text, findings, Labels() if labels is None else labels))
