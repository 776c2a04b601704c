"""Sources that are written out in a prompt: `Context: … Question: …`, `<documents>…</documents>`, in English and French.

Every search here is linear in the text, whatever the text is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_BLOCKS = 50

_SOURCE = (
    r"contexte?s?|documents?|sources?|passages?|extracts?|extraits?|excerpts?|search[ _]results|"
    r"r[ée]sultats de (?:la )?recherche|retrieved[ _](?:documents|context)|documentation|knowledge(?:[ _]base)?|"
    r"base de connaissances"
)
_ASKED = r"(?:user(?:['’]s)? )?(?:question|query|request)|demande|question de l['’]utilisateur|requ[êe]te"
_END = r"[ \t\u00a0\u202f]*(?::\*\*[ \t]*|:[ \t\u00a0\u202f]*|\*\*:?[ \t]*|(?=\n)|\Z)"
_HEADING = re.compile(
    rf"^[ \t]{{0,8}}(?P<marks>\#{{1,6}}[ \t]{{0,4}}|\*\*)?(?:(?P<source>{_SOURCE})|(?P<asked>{_ASKED}))(?P<end>{_END})",
    re.IGNORECASE | re.MULTILINE,
)
_TAG = re.compile(rf"<(?P<name>{_SOURCE.replace(' ', '_')})(?:\s[^<>]{{0,200}})?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt taken apart: the spans of its sources in characters, and what is asked besides them."""

    sources: tuple[tuple[int, int], ...]
    question: str


def taken_apart(text: str) -> Prompt:
    """The sources written out in a prompt; without any, the whole text is the question."""
    blocks = _tagged(text) or _headed(text)
    if not blocks:
        return Prompt((), text.strip())
    sources = [(start, end) for _, start, end, is_source in blocks if is_source]
    return Prompt(
        tuple(_trimmed(text, *span) for span in sources if text[slice(*span)].strip()), _rest(text, blocks)
    )


_Block = tuple[int, int, int, bool]
"""Where its mark begins, its content's span, and whether it is a source (else the question)."""


def _tagged(text: str) -> list[_Block]:
    found: list[_Block] = []
    lowered = text.lower()
    unclosed: set[str] = set()
    behind = 0
    if len(lowered) != len(text):  # a few letters grow when lowered: the places would no longer fit
        lowered = text
    for match in _TAG.finditer(text):
        name = match["name"].lower()
        if match.start() < behind or name in unclosed:
            continue
        close = lowered.find(f"</{name}>", match.end())
        if close < 0:
            unclosed.add(name)
            continue
        found.append((match.start(), match.end(), close, True))
        behind = close + len(name) + 3
        if len(found) == MOST_BLOCKS:
            break
    return found


def _headed(text: str) -> list[_Block]:
    """Blocks from heading to heading. A heading is a mark (`##`, `**`) or a colon; a lone word is none."""
    marks = [match for match in _HEADING.finditer(text) if match["marks"] or ":" in match["end"]][
        :MOST_BLOCKS
    ]
    if not any(match["source"] for match in marks):
        return []
    ends = [match.start() for match in marks[1:]] + [len(text)]
    return [
        (match.start(), match.end(), end, bool(match["source"]))
        for match, end in zip(marks, ends, strict=True)
    ]


def _rest(text: str, blocks: list[_Block]) -> str:
    asked = [text[start:end].strip() for _, start, end, is_source in blocks if not is_source]
    if any(asked):
        return "\n".join(filter(None, asked))
    kept, behind = [], 0
    for mark, _, end, _ in blocks:
        kept.append(text[behind:mark])
        close = text.find(">", end) + 1 if text.startswith("</", end) else end
        behind = close or len(text)
    kept.append(text[behind:])
    return "\n".join(filter(None, (piece.strip() for piece in kept)))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    said = text[start:end]
    return start + len(said) - len(said.lstrip()), end - (len(said) - len(said.rstrip()))
